"""Which of the synthetic faces keep their place."""

from typing import Dict, Sequence

import numpy as np

from components.latent_directions import scorer as scorer_lib


def confirmed(embeddings: np.ndarray, labels: np.ndarray, folds: np.ndarray,
              scorers: Dict[int, scorer_lib.Scorer]) -> np.ndarray:
  """Whether the scorer of a face's own fold sees what its label says.

  Args:
    embeddings: float [n, d] of synthetic faces.
    labels: int [n], 1 or 0.
    folds: int [n]; a face is not judged by who saw the labels of its fold.
    scorers: by fold.

  Returns:
    bool [n].
  """
  kept = np.zeros(len(labels), bool)
  for fold in np.unique(folds):
    rows = folds == fold
    kept[rows] = (
        scorers[int(fold)].score_faces(embeddings[rows]) > 0) == labels[rows]
  return kept


def share(kept: int, made: int) -> float:
  """The share of faces that were kept; 0 where none were made."""
  return kept / made if made else 0.0


def too_few(counts: Sequence[Dict[str, int]], least: float) -> Sequence[str]:
  """What to say of the classes of which less than `least` was kept."""
  return [
      f"{count['kept']} of {count['made']} with label {count['label']} in "
      f"{count['split']}" for count in counts
      if share(count["kept"], count["made"]) < least]
