"""A rehearsal's steps out of one process that has imported what all need.

Importing TFX takes most of the time of a small step. Here one process has it
behind it, and each step is a fork of that, with an environment, a folder and a
log of its own. What libraries read from the environment while they are imported
is the first process's: only steps that start anew show all that a cluster would.
"""

import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.platforms.kubeflow import run_executor


class Steps:
  """The process; to be used in a `with` statement.

  Args:
    executors: dotted paths of the executors' classes.
  """

  def __init__(self, executors: Sequence[str]):
    self._executors = list(executors)

  def __enter__(self) -> "Steps":
    self._process = subprocess.Popen(
      [sys.executable, "-m", "devtools.rehearsal.warm", json.dumps(self._executors)],
      stdin=subprocess.PIPE,
      stdout=subprocess.PIPE,
      stderr=subprocess.DEVNULL,
      text=True,
      start_new_session=True,
    )
    return self

  def __exit__(self, *_) -> None:
    os.killpg(self._process.pid, signal.SIGKILL)  # A step that is at work, too.
    self._process.communicate()

  def run(
    self,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: pathlib.Path,
    log: pathlib.Path,
  ) -> int:
    """Runs `run_executor` in a process of its own.

    Args:
      arguments: of its command line.
      environment: all its variables.
      folder: that it works in.
      log: file that takes what it prints.

    Returns:
      The exit status; minus a signal's number if that ended it.
    """
    job = {
      "arguments": list(arguments),
      "environment": dict(environment),
      "folder": str(folder),
      "log": str(log),
    }
    try:
      self._process.stdin.write(json.dumps(job) + "\n")
      self._process.stdin.flush()
      answer = self._process.stdout.readline()
    except BrokenPipeError:
      answer = ""
    if not answer:
      raise RuntimeError("the process that steps are forked from has ended")
    return int(answer)


def _become(job: dict[str, Any]) -> None:
  """Makes this process the step; does not return."""
  status = 1
  try:
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for descriptor in (1, 2):
      os.dup2(log, descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    os.environ.clear()
    os.environ.update(job["environment"])
    os.chdir(job["folder"])
    tempfile.tempdir = None  # It was chosen by another environment.
    run_executor.main(job["arguments"])
    status = 0
  except SystemExit as error:
    status = error.code if isinstance(error.code, int) else 1
  except BaseException:  # pylint: disable=broad-except
    traceback.print_exc()
  finally:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _main(executors: Sequence[str]) -> None:
  answers = os.fdopen(os.dup(1), "w", buffering=1)
  os.dup2(2, 1)  # What imports print is no answer.
  for path in (*executors, f"{run_executor.TFX_COMMAND}.main"):
    importlib.import_module(path.rpartition(".")[0])
  for line in sys.stdin:
    child = os.fork()
    if not child:
      _become(json.loads(line))
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), file=answers)


if __name__ == "__main__":
  _main(json.loads(sys.argv[1]))
