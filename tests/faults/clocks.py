"""Clocks that are put forward and back."""

import os
import pathlib
import sqlite3
from typing import Dict

_HERE = pathlib.Path(__file__).parent
_DAY = 24 * 60 * 60
_TIMES = {"Execution": ("create_time_since_epoch",
                        "last_update_time_since_epoch"),
          "Artifact": ("create_time_since_epoch",
                       "last_update_time_since_epoch"),
          "Context": ("create_time_since_epoch",
                      "last_update_time_since_epoch"),
          "Event": ("milliseconds_since_epoch",)}
"""Tables and columns of ML Metadata's SQLite file."""


class Clock:
  """The clock of a run that is started with `environment`.

  Args:
    file: that it is set by.
  """

  def __init__(self, file: pathlib.Path):
    self._file = file
    self.put(0)
    self.environment: Dict[str, str] = {
        "CLOCK_OFFSET": str(file), "PYTHONPATH": os.pathsep.join(
            [str(_HERE.parents[1]), str(_HERE / "jumping_clock")])}

  def put(self, days: int) -> None:
    """Puts it so many days from the true time."""
    fresh = self._file.with_suffix(".new")
    fresh.write_text(str(days * _DAY), encoding="ascii")
    os.replace(fresh, self._file)


def made_in_the_future(folder: pathlib.Path, days: int) -> None:
  """Makes all of a run look as if the clock had been so far ahead then."""
  with sqlite3.connect(folder / "metadata.sqlite") as connection:
    for table, columns in _TIMES.items():
      for column in columns:
        connection.execute(
            f"UPDATE {table} SET {column} = {column} + ?",
            (days * _DAY * 1000,))
  connection.close()
  for path in (folder / "tfx").rglob("*"):
    status = path.stat()
    os.utime(path, (status.st_atime, status.st_mtime + days * _DAY))
  for version in sorted((folder / "model").glob("[0-9]*")):
    version.rename(version.with_name(str(int(version.name) + days * _DAY)))
