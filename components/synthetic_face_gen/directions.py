"""The attribute's direction in the latent space."""

import dataclasses
import json
from typing import Optional

import numpy as np
from sklearn import metrics
from sklearn import model_selection
import tensorflow as tf

from components import errors

_FOLDS = 5
_LEAST_OF_A_CLASS = 2


@dataclasses.dataclass(frozen=True)
class Direction:
  """Where the attribute lies: the line through the two classes' means.

  The boundary is the plane half-way between the means, at right angles to
  the line.

  Attributes:
    attribute: its name in the source.
    positive_mean, negative_mean: float64 [z], mean codes of photos that have
      the attribute (label 1) and have not (label 0).
    unit: float64 [z], of length 1, from the negative to the positive mean.
    offset: the boundary's position along `unit`.
    half_distance: from the boundary to either mean.
    positives, negatives: how many photos the means were taken of.
    separation_auc: how well the position along the direction tells photos
      apart that were not used to find it (cross-validated area under the ROC).
    warning: what is doubtful about the direction, or None.
  """
  attribute: str
  positive_mean: np.ndarray
  negative_mean: np.ndarray
  unit: np.ndarray
  offset: float
  half_distance: float
  positives: int
  negatives: int
  separation_auc: float
  warning: Optional[str]

  def place(self, codes: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Codes [n, z], moved along the direction and in no other way.

    Args:
      codes: [n, z].
      positions: [n], where to: -1 and 1 are the class means' sides, 0 is the
        boundary.
    """
    targets = self.offset + np.asarray(positions) * self.half_distance
    return codes + np.outer(targets - codes @ self.unit, self.unit)


def find(codes: np.ndarray, labels: np.ndarray, attribute: str,
         seed: int) -> Direction:
  """The direction from labelled codes.

  Args:
    codes: [n, z].
    labels: [n]; 1 has the attribute, 0 has not.
    attribute: its name.
    seed: of the folds of the cross-validation.

  Raises:
    UserError: fewer than two photos of a class.
  """
  codes = np.asarray(codes, np.float64)
  counts = {label: int(np.sum(labels == label)) for label in (1, 0)}
  if min(counts.values()) < _LEAST_OF_A_CLASS:
    raise errors.UserError(
        f"too few labelled photos for a direction of {attribute}: "
        f"{counts[1]} have it and {counts[0]} have not, and at least "
        f"{_LEAST_OF_A_CLASS} of each are needed")
  positive, negative = (codes[labels == k].mean(axis=0) for k in (1, 0))
  auc = _separation(codes, labels, seed)
  length = float(np.linalg.norm(positive - negative))
  unit = (positive - negative) / max(length, np.finfo(float).tiny)
  return Direction(
      attribute=attribute, positive_mean=positive, negative_mean=negative,
      unit=unit, offset=float((positive + negative) @ unit / 2),
      half_distance=length / 2, positives=counts[1], negatives=counts[0],
      separation_auc=auc, warning=_doubt(auc, counts[1], counts[0]))


def _separation(codes: np.ndarray, labels: np.ndarray, seed: int) -> float:
  """Cross-validated AUC of the position along the direction."""
  folds = min(_FOLDS, int(np.bincount(labels, minlength=2).min()))
  scores = np.empty(len(labels))
  splitter = model_selection.StratifiedKFold(
      folds, shuffle=True, random_state=seed)
  for train, test in splitter.split(codes, labels):
    means = [codes[train][labels[train] == k].mean(axis=0) for k in (0, 1)]
    scores[test] = (codes[test] - (means[0] + means[1]) / 2) @ (
        means[1] - means[0])
  return float(metrics.roc_auc_score(labels, scores))


def _doubt(auc: float, positives: int, negatives: int) -> Optional[str]:
  """A warning if the AUC is within two standard errors of chance.

  The standard error of the AUC of labels that mean nothing is that of the
  Mann-Whitney statistic, sqrt((m + n + 1) / (12 m n)).
  """
  error = np.sqrt(
      (positives + negatives + 1) / (12.0 * positives * negatives))
  if auc > 0.5 + 2 * error:
    return None
  return (
      f"the direction may separate nothing: cross-validated AUC {auc:.2f} on "
      f"{positives + negatives} photos, where labels without meaning give "
      f"0.50 +- {2 * error:.2f}; use more labelled photos or train the "
      "generator longer")


def write(direction: Direction, path: str) -> None:
  """Writes `directions.json`: a list with one entry for each attribute."""
  entry = {
      field.name: _plain(getattr(direction, field.name))
      for field in dataclasses.fields(direction)}
  with tf.io.gfile.GFile(path, "w") as file:
    json.dump([entry], file, indent=1)


def read(path: str) -> Direction:
  """The inverse of `write`."""
  with tf.io.gfile.GFile(path) as file:
    entry, = json.load(file)
  arrays = {
      name: np.array(value) for name, value in entry.items()
      if isinstance(value, list)}
  return Direction(**{**entry, **arrays})


def _plain(value):
  return value.tolist() if isinstance(value, np.ndarray) else value
