"""Which labels are probably wrong: the audit, on cleanlab.

A label is suspicious where a classifier that has not learned from it gives it
a small probability. Confident learning (Northcutt, Jiang & Chuang 2021,
"Confident Learning: Estimating Uncertainty in Dataset Labels") estimates from
such probabilities how many labels are wrong, and names them; cleanlab is its
authors' implementation, used with its defaults.
"""

from typing import NamedTuple

import numpy as np
from cleanlab import filter as cleanlab_filter
from cleanlab import rank as cleanlab_rank
from sklearn import linear_model, model_selection, pipeline, preprocessing

from components.shared.core import errors

FOLDS = 5
LEAST_OF_A_CLASS = 5
"""With fewer a fold would have none of a class."""

_C = 0.01
"""As of the pipeline's other logistic regressions on embeddings. What is so
strongly regularised also has less means to learn wrong labels by heart."""
_MAX_ITERATIONS = 3000


class Audit(NamedTuple):
  """What the audit found among n labels.

  Attributes:
    ranking: int64 [n], rows, the most suspicious label first.
    quality: float64 [n], the probability of the label that is given, 0 to 1.
    issues: bool [n], whether cleanlab counts the label as wrong.
  """

  ranking: np.ndarray
  quality: np.ndarray
  issues: np.ndarray

  @property
  def suspects(self) -> np.ndarray:
    """Rows of the issues, int64 [m], the most suspicious first."""
    return self.ranking[self.issues[self.ranking]]


def audit(labels: np.ndarray, probabilities: np.ndarray) -> Audit:
  """Ranks labels by how suspicious they are.

  Args:
    labels: int [n], 1 or 0, both of them there.
    probabilities: float [n], of 1, by a classifier that has not learned from
      these labels; see `out_of_fold`.

  Raises:
    ValueError: other shapes or values, or one class only.
  """
  labels = np.asarray(labels)
  probabilities = np.asarray(probabilities, np.float64)
  if labels.ndim != 1 or labels.shape != probabilities.shape:
    raise ValueError(
      f"labels {labels.shape} and probabilities {probabilities.shape} have to be [n] both"
    )
  if set(np.unique(labels)) != {0, 1}:
    raise ValueError("labels have to be 0 and 1, and both of them there")
  if not ((probabilities >= 0) & (probabilities <= 1)).all():
    raise ValueError("probabilities have to be between 0 and 1")
  labels = labels.astype(np.int64)
  both = np.stack([1 - probabilities, probabilities], axis=1)
  quality = cleanlab_rank.get_label_quality_scores(labels, both)
  # One process: forks of one that runs TensorFlow may hang.
  issues = cleanlab_filter.find_label_issues(labels, both, n_jobs=1)
  return Audit(np.argsort(quality, kind="stable"), quality, issues)


def check_enough(labels: np.ndarray) -> None:
  """Whether there are as many labels, int [n], as `out_of_fold` needs.

  Raises:
    UserError: fewer than `LEAST_OF_A_CLASS` photos of a class.
  """
  for value, name in ((1, "yes"), (0, "no")):
    found = int((np.asarray(labels) == value).sum())
    if found < LEAST_OF_A_CLASS:
      raise errors.UserError(
        f"{found} photos are labelled {name}, and the audit needs "
        f"{LEAST_OF_A_CLASS} at least; label more photos first"
      )


def out_of_fold(embeddings: np.ndarray, labels: np.ndarray, seed: int = 0) -> np.ndarray:
  """Each photo's probability by a classifier that never saw its label.

  Logistic regression on the embeddings of the labelled photos themselves,
  cross-validated: who judges a photo has learned from the photos of the other
  folds. The pushed model would not do: the labels under suspicion may be those
  that it learned from, it then repeats their mistakes, and which they were is
  not written into it. The face network below it knows no label of these
  photos, whoever labels them, so its embeddings are sound in any case, and
  there need not be a pushed model.

  Args:
    embeddings: float [n, d].
    labels: int [n], 1 or 0.
    seed: of the folds.

  Returns:
    float64 [n], the probability of 1.

  Raises:
    UserError: see `check_enough`.
  """
  labels = np.asarray(labels)
  check_enough(labels)
  model = pipeline.make_pipeline(
    preprocessing.StandardScaler(), linear_model.LogisticRegression(C=_C, max_iter=_MAX_ITERATIONS)
  )
  folds = model_selection.StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
  return model_selection.cross_val_predict(
    model, np.asarray(embeddings, np.float64), labels, cv=folds, method="predict_proba"
  )[:, 1]
