"""Executes a notebook with this very Python, and nothing of the user's."""

import json
import pathlib
import sys
from typing import Any

import nbclient
import nbformat
import pytest

_KERNEL = "this-python"


def execute(notebook: str, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Any:
  """Runs all cells; gives the notebook with its outputs.

  Args:
    notebook: its JSON.
    folder: an empty one, for the kernel's specification and files, in which
      the notebook also runs.
    monkeypatch: of the test.

  Raises:
    nbclient.exceptions.CellExecutionError: a cell failed.
  """
  specification = folder / "kernels" / _KERNEL
  specification.mkdir(parents=True)
  (specification / "kernel.json").write_text(
    json.dumps(
      {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": _KERNEL,
        "language": "python",
      }
    )
  )
  for variable in ("JUPYTER_PATH", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
    monkeypatch.setenv(variable, str(folder))
  # Of this process; in a notebook figures are shown.
  monkeypatch.delenv("MPLBACKEND", raising=False)
  read = nbformat.reads(notebook, as_version=4)
  nbformat.validate(read)
  return nbclient.NotebookClient(
    read, timeout=300, kernel_name=_KERNEL, resources={"metadata": {"path": str(folder)}}
  ).execute()
