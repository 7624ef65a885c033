#!/bin/sh
# Makes the chosen stack's virtual environment, unless it is there, and prints
# its folder. `.venv` becomes a link to it.
cd "$(dirname "$0")/.." || exit 2
chosen=$(constraints/choose_stack.sh) || exit 2
read -r name python constraints extras <<TEXT
$chosen
TEXT
venv=.venvs/$name
# By content: a fresh clone's files are all new.
ready=$venv/ready-$(cat "$constraints" setup.py | cksum | tr ' ' -)
if [ ! -e "$ready" ]; then
  echo "Setting up $venv with $python: about 5 minutes and 3.5 GB." >&2
  "$python" -m venv --clear "$venv" >&2 &&
    "$venv/bin/python" -m pip install --quiet --no-input \
      --disable-pip-version-check --constraint "$constraints" \
      --editable ".[$extras]" >&2 || exit 1
  touch "$ready"
fi
rm -rf .venv
ln -s "$venv" .venv
echo "$venv"
