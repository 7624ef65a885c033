"""TFMA's plots: what the Evaluator counted at each threshold."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow_model_analysis as tfma

from components.shared.learning import serving

_MATRICES = "confusionMatrixAtThresholds"
_BUCKETS = "calibrationHistogramBuckets"


class Confusion(NamedTuple):
  """Numbers of photos at thresholds, each float [n], by threshold.

  Attributes:
    thresholds: float [n], rising.
    true_positives: float [n].
    false_positives: float [n].
    true_negatives: float [n].
    false_negatives: float [n].
  """

  thresholds: np.ndarray
  true_positives: np.ndarray
  false_positives: np.ndarray
  true_negatives: np.ndarray
  false_negatives: np.ndarray

  def at(self, threshold: float) -> dict[str, int]:
    """The numbers at the threshold that is nearest, by name."""
    row = int(np.argmin(np.abs(self.thresholds - threshold)))
    return {
      name: int(round(float(values[row])))
      for name, values in self._asdict().items()
      if name != "thresholds"
    }

  @property
  def recall(self) -> np.ndarray:
    """Share of those with the attribute that are found, float [n]."""
    return _share(self.true_positives, self.false_negatives)

  @property
  def false_positive_rate(self) -> np.ndarray:
    """Share of those without it that are taken for one, float [n]."""
    return _share(self.false_positives, self.true_negatives)

  @property
  def precision(self) -> np.ndarray:
    """Share of those taken for one that are, float [n]; 1 where none is."""
    found = self.true_positives + self.false_positives
    return np.where(found > 0, self.true_positives / np.maximum(found, 1), 1.0)


class Calibration(NamedTuple):
  """Photos by the probability that they were given.

  Attributes:
    predicted: mean probability, float [n].
    observed: share that has the attribute, float [n].
    photos: float [n].
  """

  predicted: np.ndarray
  observed: np.ndarray
  photos: np.ndarray


class Plots(NamedTuple):
  """Of one attribute, over all photos."""

  confusion: Confusion
  calibration: Calibration


def load(evaluation_uri: str) -> tfma.EvalResult:
  """The Evaluator's result for the new model.

  Args:
    evaluation_uri: the Evaluator's output.
  """
  result = tfma.load_eval_result(evaluation_uri)
  if len(result.config.model_specs) == 1:
    return result
  # Beside the latest blessed model there are two; plots are by model.
  return tfma.load_eval_result(evaluation_uri, model_name=tfma.CANDIDATE_KEY)


def read(evaluation_uri: str, attributes: Sequence[str], bins: int = 10) -> dict[str, Plots]:
  """Plots of the overall slice, by attribute.

  Args:
    evaluation_uri: the Evaluator's output.
    attributes: that were learned.
    bins: of the calibration; TFMA's buckets are put together.
  """
  overall = dict(load(evaluation_uri).plots)[()]
  found = {}
  for attribute in attributes:
    plots = overall[serving.probability_of(attribute)][""]
    found[attribute] = Plots(
      _confusion(plots[_MATRICES]["matrices"]), _calibration(plots[_BUCKETS]["buckets"], bins)
    )
  return found


def _confusion(matrices: list[dict[str, Any]]) -> Confusion:
  # Thresholds outside of 0 and 1 are there to close the curves.
  rows = sorted(matrices, key=lambda row: float(row.get("threshold", 0.0)))
  return Confusion(
    *(
      np.array([float(row.get(name, 0.0)) for row in rows])
      for name in (
        "threshold",
        "truePositives",
        "falsePositives",
        "trueNegatives",
        "falseNegatives",
      )
    )
  )


def _calibration(buckets: list[dict[str, Any]], bins: int) -> Calibration:
  def column(name: str) -> np.ndarray:
    # What is 0 may be left out.
    return np.array([float(bucket.get(name, 0.0)) for bucket in buckets])

  photos = column("numWeightedExamples")
  predicted = column("totalWeightedRefinedPrediction")
  observed = column("totalWeightedLabel")
  means = predicted / np.maximum(photos, 1e-9)
  places = np.clip((means * bins).astype(int), 0, bins - 1)
  sums = [np.bincount(places, weights, bins) for weights in (predicted, observed, photos)]
  filled = sums[2] > 0
  return Calibration(
    sums[0][filled] / sums[2][filled], sums[1][filled] / sums[2][filled], sums[2][filled]
  )


def _share(these: np.ndarray, others: np.ndarray) -> np.ndarray:
  return these / np.maximum(these + others, 1e-9)
