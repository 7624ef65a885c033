"""Photos in a folder: CelebA as published, the sample, or anyone's own."""

import os
from typing import Iterator, Sequence

from components.face_example_gen import annotations
from components.face_example_gen import photos
from components.face_example_gen import source


class FolderSource(source.Source):
  """The photos that lie directly in a folder."""

  def __init__(self, location: str, labels: annotations.AnnotationFile):
    super().__init__(location, labels)
    self.image_ids()

  def image_ids(self) -> Sequence[str]:
    return source.sorted_names(
        [entry.name for entry in self._entries()], self.location)

  def read(self, image_id: str) -> bytes:
    path = os.path.join(self.location, image_id)
    try:
      if os.path.getsize(path) > source.MAX_PHOTO_BYTES:
        raise photos.PhotoError("file is too large")
      with open(path, "rb") as stream:
        return stream.read()
    except OSError as error:
      raise photos.PhotoError(f"cannot be read: {error.strerror}") from error

  def _state(self) -> Iterator[str]:
    entries = sorted(self._entries(), key=lambda entry: entry.name)
    for entry in entries:
      status = os.stat(entry.path)
      yield f"{entry.name}\0{status.st_size}\0{status.st_mtime_ns}"

  def _entries(self) -> Iterator[os.DirEntry]:
    with os.scandir(self.location) as entries:
      for entry in entries:
        if source.is_photo(entry.name) and entry.is_file():
          yield entry
