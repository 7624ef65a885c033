#!/bin/sh
# Makes the chosen stack's virtual environment, unless it is there, and prints
# its folder. `.venv` becomes a link to it, if it is a link of ours or nothing.
unset CDPATH
cd "$(dirname "$0")/.." || exit 2
chosen=$(constraints/choose_stack.sh) || exit 2
read -r name python constraints extras <<TEXT
$chosen
TEXT
# Nothing of PYTHONPATH and the like, nor of packages that a user installed.
exec "$python" -E -s constraints/set_up.py "$name" "$constraints" "$extras"
