"""Faces as the training data have them, out of any photo."""

import dataclasses

import numpy as np

from components.shared.face_finder import alignment
from components.shared.face_finder import finder as finder_lib

_TILTED = 10
"""Degrees from which on a face is looked at again once it is upright. The
landmarks of upright faces gain nothing by it; of faces tilted by 30, 60 and 90
degrees they were off by 7.6, 10.0 and 20.1 pixels of an aligned photo before
and by 6.4, 5.8 and 7.8 afterwards (median of the mean over five points; 4.8
for upright ones)."""


@dataclasses.dataclass(frozen=True, eq=False)
class Extracted:
  """A face, and what it looks like where the training data have it.

  Attributes:
    face: where it is in the photo.
    aligned: uint8 [218, 178, 3]; None where the whole photo is one of an
      aligned face already.
    found: how many faces the photo shows, this one included.
  """

  face: finder_lib.Face
  aligned: np.ndarray | None
  found: int = 1


def extract(
  finder: finder_lib.FaceFinder, image: np.ndarray, largest: bool = False
) -> list[Extracted]:
  """The faces of a photo, the largest first.

  Where the whole photo is one of an aligned face, it is that face alone.

  Args:
    finder: finds them.
    image: uint8 [h, w, 3], upright RGB.
    largest: whether the largest is enough.
  """
  size = image.shape[1::-1]
  if alignment.has_shape(size):
    for face in finder.find(image, glance=True):
      if alignment.is_aligned(size, face.landmarks):
        # Others are in its background, as in the training data.
        return [Extracted(face, None)]
  faces = finder.find(image)
  found = []
  for face in faces[:1] if largest else faces:
    try:
      found.append(Extracted(face, _align(finder, image, face), len(faces)))
    except ValueError:
      continue  # No face has its landmarks all in one place.
  return found


def _align(finder: finder_lib.FaceFinder, image: np.ndarray, face: finder_lib.Face) -> np.ndarray:
  transform = alignment.to_template(face.landmarks)
  aligned = alignment.align(image, transform)
  if abs(alignment.degrees(transform)) <= _TILTED:
    return aligned
  again = finder.find(aligned)
  if not again:
    return aligned
  return alignment.align(
    image, alignment.chained(transform, alignment.to_template(again[0].landmarks))
  )
