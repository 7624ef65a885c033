"""Clocks that are put back between two runs.

A clock that jumps under a process that runs can't be had: it is the machine's,
and where a library answers in its place, the kernel's deadlines and those of
TensorFlow and gRPC no longer go by the same clock, and they wait for weeks.
"""

import os
import pathlib
import sqlite3

_DAY = 24 * 60 * 60
_SPAN = ("create_time_since_epoch", "last_update_time_since_epoch")
_TIMES = {"Execution": _SPAN, "Context": _SPAN, "Event": ("milliseconds_since_epoch",)}
"""Tables and columns of ML Metadata's SQLite file. Artifacts keep their times,
which are part of TFX's cache keys, and don't change when a clock is set."""


def was_put_back(folder: pathlib.Path, days: int) -> None:
  """Makes all of a run look as if the clock had been so far ahead then."""
  connection = sqlite3.connect(folder / "metadata.sqlite")
  with connection:
    for table, columns in _TIMES.items():
      for column in columns:
        connection.execute(f"UPDATE {table} SET {column} = {column} + ?", (days * _DAY * 1000,))
  connection.close()
  for path in (folder / "tfx").rglob("*"):
    status = path.stat()
    os.utime(path, (status.st_atime, status.st_mtime + days * _DAY))
  for version in sorted((folder / "model").glob("[0-9]*")):
    version.rename(version.with_name(str(int(version.name) + days * _DAY)))
