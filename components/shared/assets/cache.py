"""The folder that fetched files are kept in."""

import contextlib
import fcntl
import hashlib
import logging
import os
import pathlib
import shutil
from collections.abc import Iterator

from components.shared.core import errors

VARIABLE = "FACES_CACHE"


def folder() -> pathlib.Path:
  """Where it is; it need not exist yet."""
  chosen = os.environ.get(VARIABLE)
  if chosen:
    return pathlib.Path(chosen).expanduser().absolute()
  # As the XDG Base Directory Specification has it, relative paths don't count.
  caches = pathlib.Path(os.environ.get("XDG_CACHE_HOME", ""))
  return (caches if caches.is_absolute() else pathlib.Path.home() / ".cache") / "latent-labels"


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
  """Keeps other processes from changing the asset of this name.

  The system releases the lock when the process ends, however it ends.

  Raises:
    UserError: the cache cannot be written to.
  """
  with written():
    folder().mkdir(parents=True, exist_ok=True)
    lock = open(folder() / f".{name}.lock", "wb")
  with lock:
    try:
      fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      logging.warning("waiting for another process that fetches %s", name)
      fcntl.flock(lock, fcntl.LOCK_EX)
    yield


@contextlib.contextmanager
def written() -> Iterator[None]:
  """For writing to the cache: it may be full, read-only, another's.

  Raises:
    UserError: in place of any `OSError`.
  """
  try:
    yield
  except OSError as error:
    reason = error.strerror or error
    raise errors.UserError(
      f"cannot write to the cache folder {folder()} ({reason}); "
      f"make room there, or name another one in the environment variable "
      f"{VARIABLE}, and run the same command again"
    ) from error


def check_room(size: int) -> None:
  """Says at once that a file will not fit, and not after half of it.

  Args:
    size: bytes still to be written.

  Raises:
    UserError: the disk has fewer.
  """
  free = shutil.disk_usage(folder()).free
  if free < size:
    raise errors.UserError(
      f"the cache folder {folder()} has room for {free // 1_000_000:,} MB, "
      f"and {size // 1_000_000:,} MB are needed; make room there, or name "
      f"another one in the environment variable {VARIABLE}"
    )


def sha256_of(path: os.PathLike) -> str:
  """SHA-256 of a file, hex."""
  digest = hashlib.sha256()
  with open(path, "rb") as file:
    while block := file.read(1 << 20):
      digest.update(block)
  return digest.hexdigest()
