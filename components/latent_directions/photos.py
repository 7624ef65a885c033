"""Embeddings of the real photos, with the labels that may be used."""

import dataclasses
from typing import List

import numpy as np

from components import embeddings
from components import examples
from components import folds as folds_lib
from components.latent_directions.settings import DirectionSettings


@dataclasses.dataclass(frozen=True)
class Photos:
  """Embeddings of the splits `labeled` and `unlabeled`.

  Attributes:
    labeled: float32 [n, d], of photos with a label.
    labels: int64 [n], 1 or 0.
    folds: int64 [n], of the photos of `labeled`; `folds.NO_FOLD` for others.
    unlabeled: float32 [m, d].
  """
  labeled: np.ndarray
  labels: np.ndarray
  folds: np.ndarray
  unlabeled: np.ndarray

  def fold_numbers(self) -> List[int]:
    """The folds that there are; none where labels are too few."""
    return sorted(set(self.folds.tolist()) - {folds_lib.NO_FOLD})

  def without(self, fold: int) -> "Photos":
    """All but the labelled photos of a fold; all for `folds.NO_FOLD`."""
    kept = (self.folds != fold) | (self.folds == folds_lib.NO_FOLD)
    return Photos(self.labeled[kept], self.labels[kept], self.folds[kept],
                  self.unlabeled)


def read(uri: str, settings: DirectionSettings) -> Photos:
  """Reads an Examples artifact of embeddings; not its `hand_labeled`.

  Of `unlabeled`, at most as many as labels are spread to are kept.
  """
  labeled = embeddings.read(uri, examples.LABELED)
  labeled = labeled.rows(
      labeled.annotation(examples.LABEL) != embeddings.UNKNOWN)
  labels = labeled.annotation(examples.LABEL)
  others = embeddings.read(uri, examples.UNLABELED,
                           settings.propagation.max_photos, settings.seed)
  known = np.zeros(len(others.features), bool)
  if settings.labels == "pool":
    known = others.annotation(examples.HELD_OUT_LABEL) != embeddings.UNKNOWN
  pool = others.rows(known)
  width = labeled.embeddings.shape[1]
  return Photos(
      labeled=np.concatenate([labeled.embeddings,
                              pool.embeddings.reshape(-1, width)]),
      labels=np.concatenate(
          [labels, pool.annotation(examples.HELD_OUT_LABEL)]),
      folds=np.concatenate([
          folds_lib.assign(labeled.image_ids(), labels),
          np.full(len(pool.features), folds_lib.NO_FOLD)]),
      unlabeled=others.rows(~known).embeddings.reshape(-1, width))
