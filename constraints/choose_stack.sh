#!/bin/sh
# Chooses the newest stack that this machine can install, and says on standard
# error which one and why not a newer one. Prints one line:
#   <environment's name> <python> <constraints file> <extras of setup.py>
# STACK (1.21 or 1.16) and PYTHON (an interpreter) choose instead of it.
unset CDPATH
cd "$(dirname "$0")" || exit 2

pythons_of() {  # that a stack has pinned versions for, the preferred one first
  case $1 in
    1.21) echo 3.13 3.12 3.11 ;;
    1.16) echo 3.10 ;;
  esac
}

glibc_of() {  # that the wheels of ml-metadata and TFDV are built for
  case $1 in 1.21) echo 2.39 ;; 1.16) echo 2.17 ;; esac
}

pins_of() {  # stack, Python
  case $1-$2 in
    1.21-3.11) echo constraints/tfx-1.21-python-3.11-kfp.txt pipeline,test,kfp ;;
    1.21-3.1[23]) echo constraints/tfx-1.21-python-3.13.txt pipeline,test,kfp ;;
    # Kubeflow's compiler needs a newer protobuf than this TFX.
    1.16-*) echo constraints/tfx-1.16-python-3.10.txt pipeline,test ;;
  esac
}

version_of() {  # of an interpreter that can make virtual environments
  "$1" -I -c 'import sys, venv, ensurepip
print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

candidates() {  # Python version
  if [ -n "$PYTHON" ]; then
    command -v "$PYTHON"
    return
  fi
  command -v "python$1"
  command -v python3
  ls -d "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python 2>/dev/null
  command -v uv >/dev/null 2>&1 &&
    uv python find --system --no-project --no-config "$1" 2>/dev/null
}

find_python() {  # stack; prints <version> <path>
  for version in $(pythons_of "$1"); do
    for python in $(candidates "$version"); do
      if [ "$(version_of "$python")" = "$version" ]; then
        echo "$version $python"
        return
      fi
    done
  done
}

has_headers() {
  "$1" -I -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
}

list() {  # lines to "one, another and a third"
  sed -e ':all' -e '$!{N;b all' -e '}' -e 's/\(.*\)\n/\1 and /' -e 's/\n/, /g'
}

missing_for() {  # stack, version, python; a line for each thing
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/.* //')
  least=$(glibc_of "$1")
  oldest=$(printf '%s\n' "$least" "${glibc:-0}" | sort -V | head -n 1)
  [ "$oldest" = "$least" ] || echo "glibc $least (here ${glibc:-none})"
  if [ -z "$3" ]; then
    echo "Python $(pythons_of "$1" | sed 's/ / or /g') with venv"
  elif ! has_headers "$3"; then
    echo "the headers of Python $2 (Debian: python$2-dev)"
  fi
  command -v g++ >/dev/null || echo "g++"
}

case ${STACK:-1.21} in
  1.21 | 1.16) ;;
  *) echo "error: STACK is 1.21 or 1.16, not $STACK" >&2; exit 2 ;;
esac
reasons=
for stack in ${STACK:-1.21 1.16}; do
  found=$(find_python "$stack")
  version=${found%% *}
  python=${found#* }
  missing=$(missing_for "$stack" "$version" "$python" | list)
  if [ -z "$missing" ]; then
    echo "TFX $stack on Python $version.${reasons:+ $reasons}" >&2
    echo "tfx-$stack-python-$version $python $(pins_of "$stack" "$version")"
    exit 0
  fi
  reasons="${reasons:+$reasons }TFX $stack needs $missing."
done
echo "error: ${PYTHON:+with PYTHON=$PYTHON }nothing can be installed here." \
  "$reasons" >&2
exit 2
