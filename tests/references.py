"""Figures that were right once: a change of what is computed shows.

After a change that was meant, `UPDATE_REFERENCES=1 make test ARGS=FILE` writes
them anew; the difference belongs into the commit.
"""

import json
import os
import pathlib
from typing import Any

import pytest

_FOLDER = pathlib.Path(__file__).parent / "reference"


def check(name: str, found: dict[str, Any], *, rel: float = 0, abs: float = 0) -> None:  # pylint: disable=redefined-builtin
  """Compares figures with those in `tests/reference/<name>.json`.

  Args:
    name: of the file.
    found: figures, or lists of them, by name.
    rel: relative tolerance: what stacks and processors differ by.
    abs: absolute tolerance.
  """
  path = _FOLDER / f"{name}.json"
  if os.environ.get("UPDATE_REFERENCES"):
    path.write_text(json.dumps(found, indent=1) + "\n")
    pytest.fail(f"{path} was written anew; look at how it differs")
  expected = json.loads(path.read_text())
  assert found.keys() == expected.keys()
  for key, value in expected.items():
    assert found[key] == pytest.approx(value, rel=rel, abs=abs), key
