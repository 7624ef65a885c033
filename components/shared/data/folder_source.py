"""Photos in a folder: CelebA as published, the sample, or anyone's own."""

import collections
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence

from components.shared.data import annotations, photo_file, source

_MOST_FOLDERS = 10_000
"""Folders below a folder that are looked into."""
_MOST_NAMED = 3


class FolderSource(source.Source):
  """The photos that lie directly in a folder.

  What has a photo's name and is none (a FIFO, a link to nothing) is listed,
  too, and can't be read.
  """

  def __init__(self, location: str, labels: annotations.AnnotationFile):
    super().__init__(location, labels)
    self.image_ids()

  def image_ids(self) -> Sequence[str]:
    names = photo_names(self.location)
    return source.sorted_names(names, self.location, {} if names else self.left_out())

  def read(self, image_id: str) -> bytes:
    return photo_file.read(os.path.join(self.location, image_id))

  def left_out(self) -> Mapping[str, int]:
    return left_out(self.location)

  def _state(self) -> Iterator[str]:
    for name in sorted(photo_names(self.location)):
      path = os.path.join(self.location, name)
      try:
        status = os.stat(path)
      except OSError:  # A link to nothing.
        status = os.lstat(path)
      yield f"{name}\0{status.st_size}\0{status.st_mtime_ns}"


def photo_names(folder: str) -> list[str]:
  """The photos that lie directly in a folder, in any order."""
  with os.scandir(folder) as entries:
    return [entry.name for entry in entries if source.is_photo(entry.name)]


def left_out(folder: str) -> Mapping[str, int]:
  """What else is in a folder that may have been meant, with its number, by kind."""
  counts: collections.Counter[str] = collections.Counter()
  with os.scandir(folder) as entries:
    for entry in entries:
      if not source.is_photo(entry.name) and not os.path.isdir(entry.path):
        kind = source.kind_left_out(entry.name)
        counts.update([kind] if kind else [])
  below = folders_with_photos(folder)
  if len(below) > _MOST_NAMED:
    counts[f"photos in {len(below):,} folders below it"] = sum(below.values())
  else:
    for path, photos in below.items():
      counts[f"photos in its folder {os.path.relpath(path, folder)}"] = photos
  return counts


def folders_with_photos(folder: str) -> dict[str, int]:
  """The folders below a folder that hold photos, and how many, by path."""
  found = {}
  for path, folders, names in itertools.islice(os.walk(folder), _MOST_FOLDERS):
    folders[:] = sorted(n for n in folders if n[0] != "." and source.may_hold_photos(n))
    photos = sum(map(source.is_photo, names))
    if photos and path != folder:
      found[path] = photos
  return found
