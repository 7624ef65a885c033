"""Directions of attributes in the latent space."""

import dataclasses
import json
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from sklearn import linear_model, metrics, model_selection, pipeline, preprocessing

from components.shared.core import errors
from components.shared.data import folds as folds_lib

LEAST_OF_A_CLASS = 2
_FOLDS = 5
_ALPHAS = np.logspace(0, 5, 11)
_ALIKE = 0.9


@dataclasses.dataclass(frozen=True)
class Direction:
  """Where the attribute lies: a line, and a boundary at right angles to it.

  Attributes:
    attribute: its name in the source.
    method: how it was found, see `DirectionSettings`.
    fold: the fold of labelled photos that it owes nothing to;
      `folds.NO_FOLD` for the direction that all were used for.
    unit: float64 [z], of length 1, towards faces that have the attribute.
    offset: the boundary's position along `unit`.
    scale: distance from the boundary to position 1. By class means, half the
      distance of the means; by scored samples, what changes the predicted
      score by one standard deviation of the samples' scores.
    positives, negatives: labelled photos behind it, with the attribute and
      without.
    separation_auc: how well the position along the direction tells apart codes
      that were not used to find it (cross-validated area under the ROC).
      Apart by label for class means, by score for scored samples.
    scorer_auc: the same of the scorer, on labelled photos that it has not
      seen; None where there are too few.
    warning: what is doubtful about the direction, or None.
  """

  attribute: str
  method: str
  fold: int
  unit: np.ndarray
  offset: float
  scale: float
  positives: int
  negatives: int
  separation_auc: float
  scorer_auc: float | None
  warning: str | None


def place(directions: Sequence[Direction], codes: np.ndarray, positions: np.ndarray) -> np.ndarray:
  """Codes [n, z], moved within the span of some directions, no further than
  needed.

  Args:
    directions: k of them.
    codes: [n, z].
    positions: [n, k], where to along each, in units of its `scale`: above 0
      have the attribute, 0 is the boundary.
  """
  units = np.stack([direction.unit for direction in directions])
  targets = [
    direction.offset + positions[:, column] * direction.scale
    for column, direction in enumerate(directions)
  ]
  missing = np.stack(targets, axis=1) - codes @ units.T
  return codes + np.linalg.solve(units @ units.T, missing.T).T @ units


def alike(directions: Sequence[Direction]) -> str | None:
  """What to say where two directions lie along one line, or nearly so.

  Returns:
    A clause that names the two whose cosine is largest, or None where all
    cosines are below 0.9.
  """
  units = np.stack([direction.unit for direction in directions])
  cosines = np.triu(units @ units.T, 1)
  one, other = np.unravel_index(np.abs(cosines).argmax(), cosines.shape)
  if abs(cosines[one, other]) < _ALIKE:
    return None
  return (
    f"{directions[one].attribute} and {directions[other].attribute} lie "
    "along one line in the latent space (cosine "
    f"{cosines[one, other]:.2f})"
  )


@dataclasses.dataclass(frozen=True)
class Line:
  """A direction as such: `unit`, `offset`, `scale` and `separation_auc` of
  `Direction`."""

  unit: np.ndarray
  offset: float
  scale: float
  separation_auc: float


def from_class_means(codes: np.ndarray, labels: np.ndarray, seed: int) -> Line:
  """The line through the mean codes of photos with a label and without.

  Args:
    codes: [n, z].
    labels: [n]; 1 has the attribute, 0 has not.
    seed: of the folds of the cross-validation.
  """
  codes = np.asarray(codes, np.float64)
  positive, negative = (codes[labels == k].mean(axis=0) for k in (1, 0))
  length = float(np.linalg.norm(positive - negative))
  unit = (positive - negative) / max(length, np.finfo(float).tiny)
  return Line(
    unit=unit,
    offset=float((positive + negative) @ unit / 2),
    scale=length / 2,
    separation_auc=_separation_of_means(codes, labels, seed),
  )


def _separation_of_means(codes: np.ndarray, labels: np.ndarray, seed: int) -> float:
  folds = min(_FOLDS, int(np.bincount(labels, minlength=2).min()))
  scores = np.empty(len(labels))
  splitter = model_selection.StratifiedKFold(folds, shuffle=True, random_state=seed)
  for train, test in splitter.split(codes, labels):
    means = [codes[train][labels[train] == k].mean(axis=0) for k in (0, 1)]
    scores[test] = (codes[test] - (means[0] + means[1]) / 2) @ (means[1] - means[0])
  return float(metrics.roc_auc_score(labels, scores))


def from_scores(codes: np.ndarray, scores: np.ndarray, seed: int) -> Line:
  """The line along which the scores of decoded codes grow fastest.

  A ridge regression of the scores on the codes, after Shen et al. 2020
  (arXiv:1907.10786), who part scored samples by a plane; its strength is
  chosen by leaving out one sample at a time.

  Args:
    codes: [n, z], what was decoded.
    scores: [n], above 0 for faces that have the attribute.
    seed: of the folds of the cross-validation.
  """
  codes = np.asarray(codes, np.float64)
  model = pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.RidgeCV(_ALPHAS))
  has = scores > 0
  auc = 0.5
  if has.any() and not has.all():
    splitter = model_selection.KFold(_FOLDS, shuffle=True, random_state=seed)
    auc = metrics.roc_auc_score(
      has, model_selection.cross_val_predict(model, codes, scores, cv=splitter)
    )
  model.fit(codes, scores)
  scaler, ridge = model[0], model[-1]
  slope = ridge.coef_ / scaler.scale_
  length = max(float(np.linalg.norm(slope)), np.finfo(float).tiny)
  at_origin = float(ridge.intercept_ - scaler.mean_ @ slope)
  return Line(
    unit=slope / length,
    offset=-at_origin / length,
    scale=float(np.std(scores)) / length,
    separation_auc=float(auc),
  )


def require_both_classes(labels: np.ndarray, attribute: str) -> None:
  """Raises UserError if there are fewer than two photos of a class."""
  has, has_not = int(np.sum(labels == 1)), int(np.sum(labels == 0))
  if min(has, has_not) < LEAST_OF_A_CLASS:
    raise errors.UserError(
      f"too few labelled photos for a direction of {attribute}: "
      f"{has} have it and {has_not} have not, and at least "
      f"{LEAST_OF_A_CLASS} of each are needed"
    )


def doubt(what: str, auc: float, positives: int, negatives: int) -> str | None:
  """A warning if an AUC is within two standard errors of chance.

  The standard error of the AUC of labels that mean nothing is that of the
  Mann-Whitney statistic, sqrt((m + n + 1) / (12 m n)).
  """
  if min(positives, negatives) == 0:
    return f"{what} may separate nothing: it gives all the same label"
  error = np.sqrt((positives + negatives + 1) / (12.0 * positives * negatives))
  if auc > 0.5 + 2 * error:
    return None
  return (
    f"{what} may separate nothing: cross-validated AUC {auc:.2f} on "
    f"{positives + negatives} faces, where labels without meaning give "
    f"0.50 +- {2 * error:.2f}; use more labelled photos or train the "
    "generator longer"
  )


def write(found: dict[str, dict[int, Direction]], path: str) -> None:
  """Writes `directions.json`: a list of all attributes' and folds'."""
  entries = [
    {field.name: _plain(getattr(direction, field.name)) for field in dataclasses.fields(direction)}
    for by_fold in found.values()
    for direction in by_fold.values()
  ]
  with tf.io.gfile.GFile(path, "w") as file:
    json.dump(entries, file, indent=1)


def read(path: str) -> dict[str, dict[int, Direction]]:
  """The inverse of `write`: directions by attribute and fold."""
  with tf.io.gfile.GFile(path) as file:
    entries = json.load(file)
  found: dict[str, dict[int, Direction]] = {}
  for entry in entries:
    direction = Direction(**{**entry, "unit": np.array(entry["unit"])})
    found.setdefault(direction.attribute, {})[direction.fold] = direction
  return found


def overall(path: str) -> dict[str, Direction]:
  """By attribute, the direction that every label was used for."""
  return {attribute: by_fold[folds_lib.NO_FOLD] for attribute, by_fold in read(path).items()}


def _plain(value):
  return value.tolist() if isinstance(value, np.ndarray) else value
