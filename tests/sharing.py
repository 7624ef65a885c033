"""What is made once for all processes of a test session, and read by all."""

import json
import os
import pathlib
from collections.abc import Callable

import filelock

from tests.end_to_end import running


def folder(tmp_path_factory) -> pathlib.Path:
  """A folder that all processes of the session have in common."""
  own = tmp_path_factory.getbasetemp()
  return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def run(tmp_path_factory, name: str, make: Callable[[], running.Run]) -> running.Run:
  """A finished run: the first process that asks makes it, others wait.

  Args:
    tmp_path_factory: pytest's.
    name: of the run among those that are shared.
    make: runs it, and fails if that does.
  """
  note = folder(tmp_path_factory) / f"{name}.json"
  with filelock.FileLock(f"{note}.lock"):
    if not note.exists():
      made = make()
      note.write_text(json.dumps({**made._asdict(), "folder": str(made.folder)}))
  found = json.loads(note.read_text())
  return running.Run(**{**found, "folder": pathlib.Path(found["folder"])})
