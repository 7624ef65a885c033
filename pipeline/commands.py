"""Commands that are shown to people: what is printed can be pasted."""

import os
import pathlib
import shlex
import sys

from pipeline import run_folder

DEFAULT_NAME = "sample"
DEFAULT_OUTPUT = "output"


def of(*words: str | os.PathLike) -> str:
  """A command of this program, with the Python that runs it.

  Args:
    words: verb, options and values, each quoted where a shell needs it; words
      in capitals stand for what their reader puts there.
  """
  return shlex.join([_python(), "-m", "pipeline", *(os.fspath(word) for word in words)])


def on_run(folder: run_folder.RunFolder, *words: str | os.PathLike) -> str:
  """A command about a run: with `--name` and `--output`, where they are not
  what they are by default."""
  named = []
  if folder.path.name != DEFAULT_NAME:
    named += ["--name", folder.path.name]
  if folder.path.parent != pathlib.Path(DEFAULT_OUTPUT):
    named += ["--output", str(folder.path.parent)]
  return of(*words, *named)


def _python() -> str:
  """The interpreter's path, short where it lies below the working folder."""
  path = pathlib.Path(sys.executable)
  here = pathlib.Path.cwd()
  return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
