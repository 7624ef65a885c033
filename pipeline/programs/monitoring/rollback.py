"""Makes an older model the newest version."""

import os

from components.shared.artifacts import versions
from components.shared.core import errors, progress
from components.shared.learning import served
from pipeline import lineage, run_folder
from pipeline.programs.monitoring import models


def roll_back(folder: run_folder.RunFolder, version: int | None) -> str:
  """Pushes an older version again, and has ML Metadata remember that.

  Args:
    folder: of the run.
    version: to go back to; None for the one before what is served now.

  Returns:
    What was done, a line.

  Raises:
    UserError: there is no such version, it is served already, or damaged.
  """
  folder.latest_pushed()  # Says why there may be none.
  pushed = str(folder.pushed)
  if version is None:
    version = _before(pushed)
  source = os.path.join(pushed, str(version))
  if version in versions.numbers(pushed):
    served.check(source)
  before = versions.numbers(pushed)[-1]
  new = versions.roll_back(pushed, version)
  original = versions.original_of(pushed, version)
  connection = models.connection(folder, writable=True)
  if connection is None or not lineage.record_rollback(
    connection, str(folder.pushed.absolute()), original, int(os.path.basename(new))
  ):
    progress.note(
      f"ML Metadata knows nothing of {original}, so only {new} itself says that it is its copy"
    )
  return f"{new} is served from now on: {original} again, in the place of {before}"


def _before(pushed: str) -> int:
  """The newest version that may have been served before the newest one."""
  there = versions.numbers(pushed)
  current = versions.original_of(pushed, there[-1])
  withdrawn = versions.withdrawn(pushed)
  older = [
    number
    for number in there
    if number < current
    and number not in withdrawn
    and versions.original_of(pushed, number) == number
  ]
  if not older:
    raise errors.UserError(f"{pushed}: there is no older version to go back to than {there[-1]}")
  return older[-1]
