"""Which stack `make` takes, and what it says of a machine without one."""

import importlib.metadata
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).parents[2]
_STACK = ".".join(importlib.metadata.version("tfx").split(".")[:2])
# What the script itself needs, and no compiler.
_TOOLS = ("sh", "dirname", "getconf", "sed", "sort", "head")


def _choose(**environment: str) -> subprocess.CompletedProcess:
  return subprocess.run(
    [_ROOT / "constraints/choose_stack.sh"],
    text=True,
    capture_output=True,
    check=False,
    env={**os.environ, "STACK": _STACK, "PYTHON": "", **environment},
  )


def _fails_with(*parts: str, **environment: str) -> None:
  chosen = _choose(**environment)
  assert chosen.returncode == 2
  assert not chosen.stdout
  assert chosen.stderr.startswith("error: ")
  assert len(chosen.stderr.splitlines()) == 1
  for part in parts:
    assert part in chosen.stderr


def test_this_stack():
  chosen = _choose(PYTHON=sys.executable)
  assert chosen.returncode == 0, chosen.stderr
  version = f"{sys.version_info[0]}.{sys.version_info[1]}"
  assert chosen.stderr == f"TFX {_STACK} on Python {version}.\n"
  name, python, constraints, extras = chosen.stdout.split()
  assert name == f"tfx-{_STACK}-python-{version}"
  assert python == sys.executable
  assert (_ROOT / constraints).is_file()
  assert {"pipeline", "test"} <= {*extras.split(",")}


def test_why_it_is_not_the_newest():
  chosen = _choose(STACK="", PYTHON=sys.executable)
  assert chosen.stderr.startswith(f"TFX {_STACK} on Python ")
  assert ("TFX 1.21 needs " in chosen.stderr) == (_STACK != "1.21")


def test_unknown_stack():
  _fails_with("1.21 or 1.16", "not 1.17", STACK="1.17")


def test_no_such_python():
  _fails_with(
    "TFX 1.21 needs ",
    "Python 3.13 or 3.12 or 3.11 with venv",
    "TFX 1.16 needs ",
    "Python 3.10 with venv",
    "python3.99",
    STACK="",
    PYTHON="python3.99",
  )


@pytest.mark.parametrize("stack", ["1.16", "1.21"])
def test_no_compiler(tmp_path, stack):
  for tool in _TOOLS:
    (tmp_path / tool).symlink_to(shutil.which(tool))
  _fails_with(f"TFX {stack} needs ", "g++.", STACK=stack, PATH=str(tmp_path), PYTHON=sys.executable)
