"""Which of the synthetic faces keep their place."""

from typing import Any, Dict, Sequence

import numpy as np

from components import embeddings as embeddings_lib
from components.latent_directions import scorer as scorer_lib


def confirmed(embeddings: np.ndarray, labels: np.ndarray, folds: np.ndarray,
              scorers: Dict[str, Dict[int, scorer_lib.Scorer]]) -> np.ndarray:
  """Whether the scorers of a face's own fold see what its labels say.

  Args:
    embeddings: float [n, d] of synthetic faces.
    labels: int [n, k], 1, 0 or -1, of each of the scorers' attributes.
    folds: int [n]; a face is not judged by who saw the labels of its fold.
    scorers: by attribute and fold.

  Returns:
    bool [n]; what is unknown needs no confirmation.
  """
  kept = np.ones(len(labels), bool)
  for column, by_fold in enumerate(scorers.values()):
    for fold in np.unique(folds):
      rows = np.flatnonzero(
          (folds == fold) & (labels[:, column] != embeddings_lib.UNKNOWN))
      if len(rows):
        has = by_fold[int(fold)].score_faces(embeddings[rows]) > 0
        kept[rows] &= has == labels[rows, column]
  return kept


def share(kept: int, made: int) -> float:
  """The share of faces that were kept; 0 where none were made."""
  return kept / made if made else 0.0


def too_few(counts: Sequence[Dict[str, Any]], least: float) -> Sequence[str]:
  """What to say of the classes of which less than `least` was kept."""
  return [
      f"{count['kept']} of {count['made']} with {count['attribute']} = "
      f"{count['label']} in {count['split']}" for count in counts
      if share(count["kept"], count["made"]) < least]
