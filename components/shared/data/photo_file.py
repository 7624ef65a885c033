"""A photo's file on the disk."""

import pathlib

from components.shared.core import regular_file
from components.shared.data import photos

MAX_BYTES = 250 * 1024 * 1024
"""Larger files are not read into memory; a JPEG of 108 megapixels has about 50, a PNG 200."""


def read(path: str | pathlib.Path) -> bytes:
  """The bytes of a photo's file; links are followed.

  Raises:
    PhotoError: it can't be read, is too large, or is no file.
  """
  try:
    return regular_file.read(path, MAX_BYTES)
  except OSError as error:
    raise photos.PhotoError(f"cannot be read: {error.strerror}") from error
