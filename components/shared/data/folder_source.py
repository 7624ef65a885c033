"""Photos in a folder: CelebA as published, the sample, or anyone's own."""

import os
from collections.abc import Iterator, Sequence

from components.shared.data import annotations, photo_file, source


class FolderSource(source.Source):
  """The photos that lie directly in a folder.

  What has a photo's name and is none (a FIFO, a link to nothing) is listed,
  too, and can't be read.
  """

  def __init__(self, location: str, labels: annotations.AnnotationFile):
    super().__init__(location, labels)
    self.image_ids()

  def image_ids(self) -> Sequence[str]:
    return source.sorted_names([entry.name for entry in self._entries()], self.location)

  def read(self, image_id: str) -> bytes:
    return photo_file.read(os.path.join(self.location, image_id))

  def _state(self) -> Iterator[str]:
    entries = sorted(self._entries(), key=lambda entry: entry.name)
    for entry in entries:
      try:
        status = os.stat(entry.path)
      except OSError:  # A link to nothing.
        status = os.lstat(entry.path)
      yield f"{entry.name}\0{status.st_size}\0{status.st_mtime_ns}"

  def _entries(self) -> Iterator[os.DirEntry]:
    with os.scandir(self.location) as entries:
      for entry in entries:
        if source.is_photo(entry.name):
          yield entry
