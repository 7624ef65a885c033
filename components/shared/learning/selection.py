"""Which of the synthetic faces keep their place."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from components.shared.data import embeddings as embeddings_lib
from components.shared.learning import scorer as scorer_lib


def confirmed(
  embeddings: np.ndarray,
  labels: np.ndarray,
  folds: np.ndarray,
  scorers: dict[str, dict[int, scorer_lib.Scorer]],
) -> np.ndarray:
  """Whether the scorers of a face's own fold see what all its labels say.

  Args:
    embeddings, labels, folds, scorers: as in `confirmations`.

  Returns:
    bool [n].
  """
  return confirmations(embeddings, labels, folds, scorers).all(axis=1)


def confirmations(
  embeddings: np.ndarray,
  labels: np.ndarray,
  folds: np.ndarray,
  scorers: dict[str, dict[int, scorer_lib.Scorer]],
) -> np.ndarray:
  """Which labels the scorers of a face's own fold see, too.

  Args:
    embeddings: float [n, d] of synthetic faces.
    labels: int [n, k], 1, 0 or -1, of each of the scorers' attributes.
    folds: int [n]; a face is not judged by who saw the labels of its fold.
    scorers: by attribute and fold.

  Returns:
    bool [n, k]; what is unknown needs no confirmation.
  """
  seen = np.ones(labels.shape, bool)
  for column, by_fold in enumerate(scorers.values()):
    for fold in np.unique(folds):
      rows = np.flatnonzero((folds == fold) & (labels[:, column] != embeddings_lib.UNKNOWN))
      if len(rows):
        has = by_fold[int(fold)].score_faces(embeddings[rows]) > 0
        seen[rows, column] = has == labels[rows, column]
  return seen


def share(kept: int, made: int) -> float:
  """The share of faces that were kept; 0 where none were made."""
  return kept / made if made else 0.0


def too_few(counts: Sequence[dict[str, Any]], least: float) -> Sequence[str]:
  """What to say of the classes of which less than `least` was kept."""
  return [
    f"{count['kept']} of {count['made']} with {count['attribute']} = "
    f"{count['label']} in {count['split']}"
    for count in counts
    if share(count["kept"], count["made"]) < least
  ]


def no_better_than_chance(has: dict[str, Any], has_not: dict[str, Any]) -> str | None:
  """What to say of labels that tell a scorer nothing, or the opposite.

  Faces that it says have the attribute should be more frequent among those
  that are labelled so; by more than two standard errors of the difference.

  Args:
    has, has_not: counts of the faces with label 1 and 0 of one attribute.

  Returns:
    A clause, or None.
  """
  if not has["made"] or not has_not["made"]:
    return None
  of_one = has["confirmed"] / has["made"]
  of_other = 1 - has_not["confirmed"] / has_not["made"]
  error = np.sqrt(of_one * (1 - of_one) / has["made"] + of_other * (1 - of_other) / has_not["made"])
  if of_one - of_other > 2 * error:
    return None
  return (
    f"the scorer finds {has['attribute']} in {of_one:.0%} of those that "
    f"are to have it and in {of_other:.0%} of those that are not"
  )
