"""Folds of the labelled photos: who may validate what.

How much the synthetic faces are worth is judged on labelled photos, and the
faces themselves come from labelled photos: their labels give the direction,
their codes are decoded. Judged on the same photos they would look better than
they are. So both sides keep to the same folds (cross-fitting): a synthetic
face belongs to the fold whose labels and codes it owes nothing to, and only
such faces are judged on that fold's photos.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

FOLDS = 5
NO_FOLD = -1
_LEAST_OF_A_CLASS = 3


def assign(image_ids: Sequence[bytes], labels: np.ndarray) -> np.ndarray:
  """Each labelled photo's fold, by file name, the classes spread evenly.

  Each photo goes to the fold that has the smallest share of its classes so
  far (after Sechidis et al. 2011, "On the Stratification of Multi-label
  Data"); with one attribute the folds take turns.

  Args:
    image_ids: of the photos.
    labels: int [n, k], 1 or 0, of k attributes.

  Returns:
    int64 [n], 0 to `FOLDS` - 1; fewer folds where a class has fewer photos,
    so that without any fold each class still has two. With fewer than three
    photos of a class that can't be: then there are no folds, and all are
    `NO_FOLD`.
  """
  folds = np.full(len(labels), NO_FOLD, np.int64)
  has = np.stack([labels == 0, labels == 1], axis=-1)  # [n, k, 2]
  smallest = int(has.sum(axis=0).min())
  if smallest < _LEAST_OF_A_CLASS:
    return folds
  hashes = [hashlib.blake2b(name, digest_size=8).digest() for name in image_ids]
  shares = has / has.sum(axis=0)
  taken = np.zeros([min(FOLDS, smallest), *shares.shape[1:]])
  for row in sorted(range(len(labels)), key=lambda row: (labels[row].tolist(), hashes[row])):
    crowds = np.round((taken * has[row]).sum(axis=(1, 2)), 9)
    folds[row] = crowds.argmin()
    taken[folds[row]] += shares[row]
  left = has.sum(axis=0) - np.stack([has[folds == fold].sum(axis=0) for fold in range(len(taken))])
  if left.min() < _LEAST_OF_A_CLASS - 1:
    return np.full_like(folds, NO_FOLD)
  return folds
