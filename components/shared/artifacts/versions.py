"""The versions of a pushed model: numbered folders beside each other.

Servers, and `newest`, take the highest number. A version is never changed: a
rollback is a new version, a copy of an older one, which says in
`assets.extra/rollback.json` whose copy it is and which versions it withdrew.
"""

import datetime
import json
import os
import re
import time
import uuid
from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf
from tfx.utils import io_utils

from components.shared.artifacts import serving_files
from components.shared.core import errors, links
from components.shared.learning import arrays

ROLLBACK_FILE = "rollback.json"
_EXTRA = arrays.FOLDER
_UNFINISHED = ".unfinished-"
"""Servers and `newest` take numbers alone for versions."""
_BLOCK = 1 << 20
_ADDED = {os.path.join(_EXTRA, name) for name in (ROLLBACK_FILE, serving_files.BASELINE)}


class Rollback(NamedTuple):
  """How a version came about that is a copy of an older one.

  Attributes:
    version: the older one; not itself a copy.
    withdrawn: the versions that it was to replace, rising; none is a copy.
    time: when, ISO 8601 in UTC.
  """

  version: int
  withdrawn: tuple[int, ...]
  time: str


def push(model: str, folder: str, added: Mapping[str, bytes] | None = None) -> str | None:
  """Makes a model the newest version in a folder.

  A version is there once it is complete. Its number is the time in seconds,
  or the one after the newest version's, if that is larger. What an earlier
  push left unfinished is removed; one that was completed, but of which nobody
  came to know, is not repeated.

  Args:
    model: folder of a SavedModel.
    folder: of versions; made if it is not there.
    added: further files of the version by name, put into its `assets.extra`.

  Returns:
    The version's folder; None where a rollback has withdrawn this very model.
  """
  tf.io.gfile.makedirs(folder)
  _remove_unfinished(folder)
  latest = newest(folder)
  if latest is not None and same(model, latest):
    return latest
  if any(same(model, os.path.join(folder, str(number))) for number in withdrawn(folder)):
    return None
  return _copy(model, folder, added or {})


def roll_back(folder: str, version: int) -> str:
  """Makes an older version the newest, as `push` would.

  Args:
    folder: of versions.
    version: its number; what is a copy itself stands for what it is of.

  Returns:
    The new version's folder.

  Raises:
    UserError: there is no such version, or it is the newest already.
  """
  source = os.path.join(folder, str(version))
  there = numbers(folder)
  if version not in there:
    raise errors.UserError(
      f"{source}: there is no such version, or its folder is gone; `python -m pipeline models` "
      "lists those that there are"
    )
  original = original_of(folder, version)
  latest = there[-1]
  if original == original_of(folder, latest):
    raise errors.UserError(f"{source}: is what the newest version, {latest}, is already")
  _remove_unfinished(folder)
  record = Rollback(
    version=original,
    withdrawn=tuple(sorted({original_of(folder, n) for n in there if n > original} - {original})),
    time=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
  )
  content = json.dumps(record._asdict(), indent=2) + "\n"
  return _copy(source, folder, {ROLLBACK_FILE: content.encode()})


def numbers(folder: str) -> list[int]:
  """The versions in a folder, rising."""
  if not tf.io.gfile.isdir(folder):
    return []
  names = (name.rstrip("/") for name in tf.io.gfile.listdir(folder))
  return sorted(int(name) for name in names if re.fullmatch("[0-9]{1,18}", name))


def copy(source: str, target: str) -> None:
  """Copies a model's folder; on a local disk it takes no room."""
  if links.is_local(source, target):
    links.copy(source, target)
  else:
    io_utils.copy_dir(source, target)


def newest(folder: str) -> str | None:
  """The folder of the highest version in a folder of versions, if any."""
  there = numbers(folder)
  return os.path.join(folder, str(there[-1])) if there else None


def rollback_of(version: str) -> Rollback | None:
  """How a version came about, if it is a copy of an older one.

  Args:
    version: its folder.

  Raises:
    UserError: what it says of that is damaged.
  """
  path = os.path.join(version, _EXTRA, ROLLBACK_FILE)
  if not tf.io.gfile.exists(path):
    return None
  try:
    with tf.io.gfile.GFile(path) as file:
      found = json.load(file)
    return Rollback(int(found["version"]), tuple(map(int, found["withdrawn"])), str(found["time"]))
  except (ValueError, KeyError, TypeError):
    raise errors.UserError(
      f"{path}: is damaged; delete this version's folder, and roll back again"
    ) from None


def original_of(folder: str, version: int) -> int:
  """The version that a version is a copy of; itself if it is of none."""
  record = rollback_of(os.path.join(folder, str(version)))
  return version if record is None else record.version


def withdrawn(folder: str) -> list[int]:
  """The versions that rollbacks have withdrawn, and none has brought back; of
  copies what they are of."""
  there = numbers(folder)
  found: set[int] = set()
  for number in there:
    record = rollback_of(os.path.join(folder, str(number)))
    if record is not None:
      found = (found | {*record.withdrawn}) - {record.version}
  return sorted(found.intersection(there))


def same(first: str, second: str) -> bool:
  """Whether two folders hold the same model; what `push` and `roll_back` add
  to it does not count."""
  files = _files(first)
  return files == _files(second) and all(
    _same_bytes(os.path.join(first, name), os.path.join(second, name)) for name in files
  )


def _copy(model: str, folder: str, added: Mapping[str, bytes]) -> str:
  there = numbers(folder)
  number = max(int(time.time()), there[-1] + 1 if there else 0)
  unfinished = os.path.join(folder, f"{_UNFINISHED}{uuid.uuid4().hex}")
  copy(model, unfinished)
  for name, content in added.items():
    tf.io.gfile.makedirs(os.path.join(unfinished, _EXTRA))
    with tf.io.gfile.GFile(os.path.join(unfinished, _EXTRA, name), "wb") as file:
      file.write(content)
  version = os.path.join(folder, str(number))
  tf.io.gfile.rename(unfinished, version)
  return version


def _remove_unfinished(folder: str) -> None:
  for name in tf.io.gfile.listdir(folder):
    if name.startswith(_UNFINISHED):
      tf.io.gfile.rmtree(os.path.join(folder, name))


def _files(folder: str) -> dict[str, int]:
  """Sizes in bytes by name within the folder, of what the Trainer wrote."""
  return {
    name: tf.io.gfile.stat(path).length
    for inside, _, names in tf.io.gfile.walk(folder)
    for path in (os.path.join(inside, name) for name in names)
    if (name := os.path.relpath(path, folder)) not in _ADDED
  }


def _same_bytes(first: str, second: str) -> bool:
  with tf.io.gfile.GFile(first, "rb") as one, tf.io.gfile.GFile(second, "rb") as other:
    while block := one.read(_BLOCK):
      if block != other.read(_BLOCK):
        return False
  return True
