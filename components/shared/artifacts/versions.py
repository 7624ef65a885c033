"""The versions of a pushed model: numbered folders beside each other."""

import os
import time
import uuid

import tensorflow as tf

from components.shared.core import links

_UNFINISHED = ".unfinished-"
"""Servers and `newest` take numbers alone for versions."""
_BLOCK = 1 << 20


def push(model: str, folder: str) -> str:
  """Makes a model the newest version in a folder.

  A version is there once it is complete. Its number is the time in seconds,
  or the one after the newest version's, if that is larger. What an earlier
  push left unfinished is removed; one that was completed, but of which nobody
  came to know, is not repeated.

  Args:
    model: folder of a SavedModel.
    folder: of versions; made if it is not there.

  Returns:
    The version's folder.
  """
  tf.io.gfile.makedirs(folder)
  for name in tf.io.gfile.listdir(folder):
    if name.startswith(_UNFINISHED):
      tf.io.gfile.rmtree(os.path.join(folder, name))
  latest = newest(folder)
  if latest is not None and _same(model, latest):
    return latest
  number = int(time.time())
  if latest is not None:
    number = max(number, int(os.path.basename(latest)) + 1)
  unfinished = os.path.join(folder, f"{_UNFINISHED}{uuid.uuid4().hex}")
  links.copy_folder(model, unfinished)
  version = os.path.join(folder, str(number))
  tf.io.gfile.rename(unfinished, version)
  return version


def newest(folder: str) -> str | None:
  """The folder of the highest version in a folder of versions, if any."""
  if not tf.io.gfile.isdir(folder):
    return None
  names = [name.rstrip("/") for name in tf.io.gfile.listdir(folder)]
  numbers = [name for name in names if name.isdigit()]
  return os.path.join(folder, max(numbers, key=int)) if numbers else None


def _same(first: str, second: str) -> bool:
  """Whether two folders hold the same files."""
  files = _files(first)
  return files == _files(second) and all(
    _same_bytes(os.path.join(first, name), os.path.join(second, name)) for name in files
  )


def _files(folder: str) -> dict[str, int]:
  """Sizes in bytes by name within the folder."""
  return {
    os.path.relpath(path, folder): tf.io.gfile.stat(path).length
    for inside, _, names in tf.io.gfile.walk(folder)
    for path in (os.path.join(inside, name) for name in names)
  }


def _same_bytes(first: str, second: str) -> bool:
  with tf.io.gfile.GFile(first, "rb") as one, tf.io.gfile.GFile(second, "rb") as other:
    while block := one.read(_BLOCK):
      if block != other.read(_BLOCK):
        return False
  return True
