"""Directions by class means, of each fold's codes and of all."""

from typing import Dict

from components import folds
from components.latent_directions import directions
from components.latent_directions import latents


def by_fold(photos: latents.Latents) -> Dict[int, directions.Direction]:
  """Directions without each fold, and with all of them."""
  numbers = sorted(set(photos.folds.tolist()) | {folds.NO_FOLD})
  return {fold: _direction(photos.without(fold), fold) for fold in numbers}


def _direction(photos: latents.Latents, fold: int) -> directions.Direction:
  codes, labels = photos.with_labels()
  line = directions.from_class_means(codes, labels, seed=0)
  return directions.Direction(
      attribute="Male", method="class_means", fold=fold, unit=line.unit,
      offset=line.offset, scale=line.scale, positives=int(labels.sum()),
      negatives=int((1 - labels).sum()), separation_auc=line.separation_auc,
      scorer_auc=None, warning=None)
