"""The photos of a source, for a page: by number, upright, not larger than need
be."""

import collections
import io
import threading

from PIL import Image

from components.shared.data import photos as photos_lib
from components.shared.data import source as source_lib

LARGE = "large"
SMALL = "small"
_SIDES = {LARGE: 1200, SMALL: 160}
_KEPT = {LARGE: 8, SMALL: 400}
"""Pictures that stay in memory: those around the current one, and a sheet."""


class Photos:
  """Photos by number; safe to be used by several threads.

  Attributes:
    image_ids: the names, sorted; a photo's number is its place here.
    numbers: by name.
    skipped: why photos can't be used, by name, as far as they were looked at.
  """

  def __init__(self, source: source_lib.Source):
    self._source = source
    self._lock = threading.Lock()
    self._kept: dict[str, dict[int, bytes]] = {size: collections.OrderedDict() for size in _SIDES}
    self.image_ids: list[str] = list(source.image_ids())
    self.numbers = {name: row for row, name in enumerate(self.image_ids)}
    self.skipped: dict[str, str] = {
      name: "a CSV can't hold such a name; rename it"
      for name in self.image_ids
      if name != name.strip() or not name.isprintable()
    }

  def jpeg(self, image_id: str) -> bytes | None:
    """An upright JPEG, or None; then `skipped` says why."""
    if image_id in self.skipped:
      return None
    try:
      with self._lock:  # A zip is read through one file.
        content = self._source.read(image_id)
      return photos_lib.to_jpeg(content, for_tensorflow=False)
    except photos_lib.PhotoError as error:
      self.skipped[image_id] = str(error)
      return None

  def picture(self, number: int, size: str) -> bytes | None:
    """A JPEG to look at; None where the photo can't be used.

    Args:
      number: of the photo.
      size: `LARGE` or `SMALL`.
    """
    kept = self._kept[size]
    found = kept.get(number)
    if found is not None:
      return found
    jpeg = self.jpeg(self.image_ids[number])
    if jpeg is None:
      return None
    jpeg = _shrunk(jpeg, _SIDES[size])
    with self._lock:
      kept[number] = jpeg
      while len(kept) > _KEPT[size]:
        kept.popitem(last=False)
    return jpeg


def _shrunk(jpeg: bytes, side: int) -> bytes:
  with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
    if max(image.size) <= side:
      return jpeg
    image.draft("RGB", (side, side))
    shrunk = image.convert("RGB")
  shrunk.thumbnail((side, side))
  buffer = io.BytesIO()
  shrunk.save(buffer, "JPEG", quality=90)
  return buffer.getvalue()
