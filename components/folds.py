"""Folds of the labelled photos: who may validate what.

How much the synthetic faces are worth is judged on labelled photos, and the
faces themselves come from labelled photos: their labels give the direction,
their codes are decoded. Judged on the same photos they would look better than
they are. So both sides keep to the same folds (cross-fitting): a synthetic
face belongs to the fold whose labels and codes it owes nothing to, and only
such faces are judged on that fold's photos.
"""

import hashlib
from typing import Sequence

import numpy as np

FOLDS = 5
NO_FOLD = -1
_LEAST_OF_A_CLASS = 3


def assign(image_ids: Sequence[bytes], labels: np.ndarray) -> np.ndarray:
  """Each labelled photo's fold, by file name, the classes spread evenly.

  Args:
    image_ids: of the photos.
    labels: int [n], 1 or 0.

  Returns:
    int64 [n], 0 to `FOLDS` - 1; fewer folds where a class has fewer photos,
    so that without any fold each class still has two. With fewer than three
    photos of a class that can't be: then there are no folds, and all are
    `NO_FOLD`.
  """
  folds = np.full(len(labels), NO_FOLD, np.int64)
  smallest = min(int(np.sum(labels == label)) for label in (0, 1))
  if smallest < _LEAST_OF_A_CLASS:
    return folds
  count = min(FOLDS, smallest)
  hashes = [hashlib.blake2b(name, digest_size=8).digest()
            for name in image_ids]
  for label in (0, 1):
    rows = sorted(np.flatnonzero(labels == label), key=lambda r: hashes[r])
    folds[rows] = np.arange(len(rows)) % count
  return folds
