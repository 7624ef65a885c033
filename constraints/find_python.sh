#!/bin/sh
# Prints a Python 3.10 that can make virtual environments: from PATH, from
# pyenv, or from uv. Says what to install when there is none.
fits() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 10))' \
    >/dev/null 2>&1
}
candidates() {
  command -v python3.10
  command -v python3
  ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python 2>/dev/null
  command -v uv >/dev/null 2>&1 && uv python find 3.10 2>/dev/null
}
for python in $(candidates); do
  if fits "$python"; then
    echo "$python"
    exit 0
  fi
done
cat >&2 <<'TEXT'
error: no Python 3.10 was found, which TFX 1.16 needs. Install one, for example
  pyenv install 3.10
  uv python install 3.10
or name one: make run PYTHON=/path/to/python3.10
TEXT
exit 2
