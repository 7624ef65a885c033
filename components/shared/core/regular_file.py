"""Files that end."""

import errno
import os
import pathlib
import stat
import sys


def read(path: str | pathlib.Path, most: int) -> bytes:
  """The bytes of a file; links are followed.

  Args:
    path: of the file.
    most: bytes that it may have.

  Raises:
    OSError: it can't be read, has more, or is no file: to read a FIFO or a
      device may never end.
    ValueError: the path holds NUL.
  """
  _check(os.stat(path), most)
  # What has become a FIFO since then would wait for someone who writes.
  descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
  try:
    _check(os.fstat(descriptor), most)
    with open(descriptor, "rb", closefd=False) as file:
      # Some files have more bytes than they say, as in /proc.
      data = file.read(most + 1)
  finally:
    os.close(descriptor)
  if len(data) > most:
    raise _too_large(most)
  return data


def head(path: str | pathlib.Path, count: int) -> bytes:
  """The first bytes of a file; links are followed.

  Raises:
    OSError: it can't be read, or is no file.
  """
  _check(os.stat(path), most=sys.maxsize)
  with open(path, "rb") as file:
    return file.read(count)


def _check(status: os.stat_result, most: int) -> None:
  if stat.S_ISDIR(status.st_mode):
    raise IsADirectoryError(errno.EISDIR, "it is a folder")
  if not stat.S_ISREG(status.st_mode):
    raise OSError(errno.EINVAL, "it is neither a file nor a folder")
  if status.st_size > most:
    raise _too_large(most)


def _too_large(most: int) -> OSError:
  return OSError(errno.EFBIG, f"it is too large, with more than {most >> 20:,} MB")
