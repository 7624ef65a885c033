"""Photos that are the same file as a reserved one, under another name.

Splits go by file names, so that a copy would be learned from in one split and
evaluated on in the other. Files are compared byte for byte, by SHA-256: what
was encoded anew, cropped or scaled is another file.
"""

import hashlib
from collections.abc import Iterator, Mapping

import apache_beam as beam

from components.shared.core import counting
from components.shared.data import examples, photos
from components.shared.data import plan as plan_lib
from components.shared.data import source as source_lib

Reserved = Mapping[bytes, str]
"""The digests of `reserved`'s files, and the name of each there."""

_SAME_FILE = "set aside: the same file as "


class DigestReserved(beam.PTransform):
  """Pipeline -> (digest, image_id) of `Reserved`.

  Of copies among the reserved photos the first by name is kept. Photos are
  read one at a time, and only their digests stay in memory.

  Args:
    plan: all photos' places.
  """

  def __init__(self, plan: plan_lib.PhotoPlan):
    super().__init__()
    self._source = plan.source
    self._image_ids = [p.image_id for p in plan.placed if p.split == examples.RESERVED]

  def expand(self, pipeline):
    return (
      pipeline
      | "Names" >> beam.Create(self._image_ids)
      | "Spread" >> beam.Reshuffle()
      | "Digest" >> beam.FlatMap(_digest_of, self._source)
      | "Progress" >> counting.CountElements(examples.RESERVED, len(self._image_ids))
      | "FirstByName" >> beam.CombinePerKey(min)
    )


def reason(image_id: str, data: bytes, reserved: Reserved) -> str:
  """Why a photo is set aside; empty if it is no copy.

  Args:
    image_id: its name.
    data: its file.
    reserved: what it must not be a copy of.
  """
  twin = reserved.get(_digest(data), image_id)
  if twin == image_id:
    return ""
  return f"{_SAME_FILE}the evaluation photo `{twin}`"


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
