"""Directions by class means, of each fold's codes and of all."""

import numpy as np

from components.shared.data import folds
from components.shared.learning import directions, latents


class Identity:
  """A generator whose images are its codes."""

  def __init__(self, latent_size: int):
    self.latent_size = latent_size

  def decode(self, codes: np.ndarray) -> np.ndarray:
    return codes


def by_fold(photos: latents.Latents, attribute: str = "Male") -> dict[int, directions.Direction]:
  """Directions without each fold, and with all of them."""
  numbers = sorted(set(photos.folds.tolist()) | {folds.NO_FOLD})
  return {fold: _direction(photos.without(fold), fold, attribute) for fold in numbers}


def _direction(photos: latents.Latents, fold: int, attribute: str) -> directions.Direction:
  codes, labels = photos.with_labels()
  line = directions.from_class_means(codes, labels, seed=0)
  return directions.Direction(
    attribute=attribute,
    method="class_means",
    fold=fold,
    unit=line.unit,
    offset=line.offset,
    scale=line.scale,
    positives=int(labels.sum()),
    negatives=int((1 - labels).sum()),
    separation_auc=line.separation_auc,
    scorer_auc=None,
    warning=None,
  )
