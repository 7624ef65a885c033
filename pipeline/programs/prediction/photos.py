"""Which photos are meant, and what is in their files."""

import os
import pathlib
import sys
from collections.abc import Iterable, Iterator

from components.shared.core import errors, progress
from components.shared.data import folder_source, photo_file
from components.shared.data import source as source_lib

Content = bytes | pathlib.Path
"""A photo's bytes, or the file that holds them."""


def find(paths: Iterable[pathlib.Path]) -> list[pathlib.Path]:
  """Photos themselves, and those directly in folders, sorted.

  `-` stands for names in lines of standard input.

  Raises:
    UserError: a path that is not there, a folder without photos.
  """
  found = []
  for path in _named(paths):
    if path.is_dir():
      inside = folder_source.photo_names(str(path))
      left_out = source_lib.told(folder_source.left_out(str(path)))
      if not inside:
        raise errors.UserError(
          f"{path}: this folder holds no photos{f', but {left_out}' if left_out else ''}"
        )
      if left_out:
        progress.note(f"{path}: left out: {left_out}")
      found.extend(path / name for name in sorted(inside))
    elif path.exists():
      found.append(path)
    else:
      raise errors.UserError(f"{path}: no such photo or folder")
  return found


def _named(paths: Iterable[pathlib.Path]) -> Iterator[pathlib.Path]:
  for path in paths:
    if str(path) != "-":
      yield path
      continue
    for line in sys.stdin:
      if name := line.rstrip("\n"):
        yield pathlib.Path(name)


def printable(file: str | os.PathLike) -> str:
  """A file's name, with another character for what is no text."""
  return os.fsencode(file).decode("utf-8", "replace")


def read(content: Content) -> bytes:
  """The bytes of a photo.

  Raises:
    PhotoError: its file can't be read.
  """
  if isinstance(content, bytes):
    return content
  return photo_file.read(content)
