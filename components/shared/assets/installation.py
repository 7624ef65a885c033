"""The one file that is installed of an asset from the web.

In the cache, `<asset>/installed.json` names the file, which lies in a folder
named after its hash. Replacing that marker is what replaces the file: at every
moment there is the former or the new one, whole.
"""

import dataclasses
import json
import os
import pathlib
import re
import shutil

from components.shared.assets import cache, catalogue

_MARKER = "installed.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
  """What is written down of an installed file.

  Attributes:
    file: its path in the asset's folder.
    size: in bytes.
    sha256: hex.
    source: `urls.key` of where it came from; None if that was a local file.
  """

  file: str
  size: int
  sha256: str
  source: str | None


def folder(asset: catalogue.WebAsset) -> pathlib.Path:
  """Where an asset's files are; it need not exist yet."""
  return cache.folder() / asset.name


def path_of(asset: catalogue.WebAsset, record: Record) -> pathlib.Path:
  """Where the installed file is."""
  return folder(asset) / record.file


def read(asset: catalogue.WebAsset) -> Record | None:
  """What is installed; None if nothing is, or if its size has changed."""
  marker = folder(asset) / _MARKER
  if not marker.is_file():
    return None
  try:
    record = Record(**json.loads(marker.read_text()))
  except (ValueError, TypeError, RecursionError):  # damaged: as good as none
    return None
  if not _is_sound(record):
    return None
  path = path_of(asset, record)
  if not path.is_file() or path.stat().st_size != record.size:
    return None
  return record


def _is_sound(record: Record) -> bool:
  """Whether the fields are what `install` writes: a file in the folder."""
  return (
    isinstance(record.file, str)
    and isinstance(record.sha256, str)
    and isinstance(record.source, (str, type(None)))
    and re.fullmatch(r"[0-9a-f]{1,64}/[A-Za-z0-9_-][A-Za-z0-9._-]*", record.file) is not None
  )


def install(
  asset: catalogue.WebAsset, path: pathlib.Path, *, name: str, sha256: str, source: str | None
) -> pathlib.Path:
  """Moves a checked file to its place and removes all else that is there.

  Args:
    asset: whose file it is.
    path: the file, in the asset's folder.
    name: what it was called where it came from.
    sha256: of the file.
    source: as in `Record`.

  Returns:
    Where it is now.
  """
  with open(path, "rb") as file:
    os.fsync(file.fileno())
  name = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")[-100:]
  target = folder(asset) / sha256[:16] / (name or asset.file)
  target.parent.mkdir(exist_ok=True)
  size = path.stat().st_size
  path.replace(target)
  marker = folder(asset) / _MARKER
  draft = marker.with_suffix(".new")
  draft.write_text(
    json.dumps(
      dataclasses.asdict(
        Record(file=str(target.relative_to(folder(asset))), size=size, sha256=sha256, source=source)
      )
    )
  )
  draft.replace(marker)
  _remove_all_but(folder(asset), (marker, target.parent))
  _remove_all_but(target.parent, (target,))
  return target


def _remove_all_but(parent: pathlib.Path, kept) -> None:
  for path in parent.iterdir():
    if path in kept:
      continue
    if path.is_dir():
      shutil.rmtree(path)
    else:
      path.unlink()
