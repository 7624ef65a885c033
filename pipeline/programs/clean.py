"""What of a run's folder nothing needs any more, and its removal."""

import dataclasses
import os
import pathlib
import shutil
from collections.abc import Iterator, Sequence

from components.shared.core import errors
from pipeline import finished_run, run_folder


@dataclasses.dataclass(frozen=True)
class Leftover:
  """A folder that can go.

  Attributes:
    path: of the folder.
    bytes: that the disk gets back.
    reason: why nothing needs it.
  """

  path: pathlib.Path
  bytes: int
  reason: str


def find(folder: run_folder.RunFolder) -> list[Leftover]:
  """What can go: artifacts of earlier runs that the newest one did not take
  over, and what an interrupted training would have resumed from.

  Pushed models stay, as do the report and all figures. A run with earlier
  settings makes again what is gone.

  Raises:
    UserError: the newest run of the folder was not completed, so that nobody
      knows what it needs; ML Metadata can't be asked.
  """
  run = finished_run.open_run(folder)
  unfinished = [name for name, component in run.components.items() if not component.complete]
  if unfinished:
    raise errors.UserError(
      f"{folder.path}: the newest run ended in {unfinished[0]}; complete it first, for what it "
      "needs is not known before"
    )
  needed = {
    _place(uri)
    for component in run.components.values()
    for uris in (*component.inputs.values(), *component.outputs.values())
    for uri in uris
  }
  found = [
    Leftover(path, _bytes(path), "of an earlier run")
    for path in sorted(folder.tfx_root.glob("*/*/*"))
    if path.is_dir() and _is_artifact(path) and _place(path) not in needed
  ]
  if folder.checkpoints.is_dir():
    found.append(Leftover(folder.checkpoints, _bytes(folder.checkpoints), "training is finished"))
  return found


def remove(folder: run_folder.RunFolder) -> list[Leftover]:
  """Removes what `find` gives, while no run is at work in the folder.

  Raises:
    UserError: as `find`; a run is at work there, or something can't be removed.
  """
  with run_folder.held(folder.path):
    found = find(folder)
    for leftover in found:
      try:
        shutil.rmtree(leftover.path)
      except OSError as error:
        raise errors.UserError(
          f"{error.filename or leftover.path}: can't be removed ({error.strerror})"
        ) from None
  return found


def lines(found: Sequence[Leftover]) -> Iterator[str]:
  """For people; one each, and the sum."""
  for leftover in found:
    yield f"{leftover.bytes / 1e6:8.1f} MB  {leftover.path} ({leftover.reason})"
  total = sum(leftover.bytes for leftover in found)
  yield f"{total / 1e6:8.1f} MB in {len(found)} folder{'' if len(found) == 1 else 's'}"


def _place(uri: str | pathlib.Path) -> tuple[str, ...]:
  """Component, output and number: the run's folder may have been moved."""
  return pathlib.PurePath(uri).parts[-3:]


def _is_artifact(path: pathlib.Path) -> bool:
  return path.name.isdigit() and not path.parent.name.startswith(".")


def _bytes(folder: pathlib.Path) -> int:
  """Of files that are nowhere else: a link leaves the other ones where they are."""
  sizes = 0
  for inside, _, names in os.walk(folder):
    for name in names:
      status = os.lstat(os.path.join(inside, name))
      sizes += status.st_size if status.st_nlink == 1 else 0
  return sizes
