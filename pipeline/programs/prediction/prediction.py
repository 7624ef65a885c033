"""What is said of a face."""

import dataclasses
from typing import Literal, get_args

import numpy as np

Faces = Literal["all", "largest", "as-is"]
"""Which faces of a photo are labelled: all that are found, the largest of
them, or the photo itself, which is taken for an aligned face."""
FACES: tuple[Faces, ...] = get_args(Faces)

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of the upright photo."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Prediction:
  """A face's labels and their probabilities, or why a photo has none.

  Attributes:
    photo: the photo's name, as it was given.
    labels: 1 or 0 by attribute.
    probabilities: of 1, by attribute.
    embedding: the face network's, float32 [d].
    face: JPEG of what was labelled, with the face where the training data have
      it; the photo itself where it is like that already.
    box: around the face; None where none was looked for.
    score: how sure the finder is of the face, 0 to 1.
    number: of the face within its photo, from 1 on; the largest is the first.
    count: of the photo's faces that were labelled.
    found: how many faces the photo shows.
    uncertain: attributes whose probability lies between the two thresholds that
      were asked for.
    reason: why there is none of all this, in a few words, or None.
  """

  photo: str
  labels: dict[str, int] = dataclasses.field(default_factory=dict)
  probabilities: dict[str, float] = dataclasses.field(default_factory=dict)
  embedding: np.ndarray | None = None
  face: bytes | None = None
  box: Box | None = None
  score: float | None = None
  number: int = 1
  count: int = 1
  found: int = 1
  uncertain: tuple[str, ...] = ()
  reason: str | None = None
