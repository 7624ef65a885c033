"""Photos that are the same file as one of `hand_labeled`, under another name.

Splits go by file names, so that a copy would be learned from in one split and
evaluated on in the other. Files are compared byte for byte, by SHA-256: what
was encoded anew, cropped or scaled is another file.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import apache_beam as beam

from components.shared.core import counting
from components.shared.data import examples, photos
from components.shared.data import source as source_lib
from components.shared.data import splits as splits_lib

HandLabeled = Mapping[bytes, str]
"""The digests of `hand_labeled`'s files, and the name of each there."""

_SAME_FILE = f"{splits_lib.SET_ASIDE}the same file as "


class DigestHandLabeled(beam.PTransform):
  """Pipeline -> (digest, image_id) of `HandLabeled`.

  Of copies among the hand-labelled photos the first by name is kept. Photos
  are read one at a time, and only their digests stay in memory.

  Args:
    source: where they are.
    assigned: all photos' places.
  """

  def __init__(self, source: source_lib.Source, assigned: Sequence[splits_lib.Assigned]):
    super().__init__()
    self._source = source
    self._image_ids = [photo.image_id for photo in assigned if photo.split == examples.HAND_LABELED]

  def expand(self, pipeline):
    return (
      pipeline
      | "Names" >> beam.Create(self._image_ids)
      | "Spread" >> beam.Reshuffle()
      | "Digest" >> beam.FlatMap(_digest_of, self._source)
      | "Progress" >> counting.CountElements(examples.HAND_LABELED, len(self._image_ids))
      | "FirstByName" >> beam.CombinePerKey(min)
    )


def reason(image_id: str, data: bytes, hand_labeled: HandLabeled) -> str:
  """Why a photo is set aside; empty if it is no copy.

  Args:
    image_id: its name.
    data: its file.
    hand_labeled: what it must not be a copy of.
  """
  twin = hand_labeled.get(_digest(data), image_id)
  if twin == image_id:
    return ""
  return f"{_SAME_FILE}`{twin}` of {examples.HAND_LABELED}"


def says(text: str) -> bool:
  """Whether a reason for being set aside is that of `reason`."""
  return text.startswith(_SAME_FILE)


def _digest(data: bytes) -> bytes:
  return hashlib.sha256(data).digest()


def _digest_of(image_id: str, source: source_lib.Source) -> Iterator[tuple[bytes, str]]:
  try:
    yield _digest(source.read(image_id)), image_id
  except photos.PhotoError:
    pass  # It will be listed with that reason.
