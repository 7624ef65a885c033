"""What the Evaluator computes, and what it takes to be blessed."""

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow_model_analysis as tfma
from scipy import special, stats
from tensorflow_model_analysis.metrics import calibration_histogram, metric_types
from tensorflow_model_analysis.proto import config_pb2

from components.shared.data import examples
from components.shared.learning import intervals, serving
from components.shared.learning.settings import EvaluationSettings

ACCURACY = "binary_accuracy"
AUC = "auc"
AUC_LOW = "auc_low"
PRECISION_GAIN = "average_precision_gain"
BALANCED_ACCURACY = "best_balanced_accuracy"
OF_CLASS = "photos_of_smaller_class"


_Z = stats.norm.ppf(0.975)


class _OfHistogram(tfma.metrics.Metric):
  """A metric of how many photos of each class have each probability.

  TFMA counts photos in 10,000 buckets, most of them empty, and metrics then at
  10,000 thresholds, for every slice and every sample of it. What lies between
  two photos changes no count: this looks at the filled buckets alone.
  """

  def __init__(self, name: str):
    super().__init__(functools.partial(_computations, self.of), name=name)

  def of(self, positive: np.ndarray, negative: np.ndarray) -> float:
    """The metric.

    Args:
      positive, negative: photos by rising probability, float [buckets].
    """
    raise NotImplementedError


def _computations(
  of: Callable[[np.ndarray, np.ndarray], float],
  name: str,
  eval_config: config_pb2.EvalConfig,
  model_names: Sequence[str] = ("",),
  output_names: Sequence[str] = ("",),
) -> metric_types.MetricComputations:
  found: metric_types.MetricComputations = []
  for model, output in itertools.product(model_names, output_names):
    key = metric_types.MetricKey(name=name, model_name=model, output_name=output)
    counted = calibration_histogram.calibration_histogram(
      eval_config=eval_config, model_name=model, output_name=output
    )
    (histogram,) = counted[-1].keys
    result = functools.partial(_result, of, key, histogram)
    found += [*counted, metric_types.DerivedMetricComputation([key], result)]
  return found


def _result(
  of: Callable[[np.ndarray, np.ndarray], float],
  key: metric_types.MetricKey,
  histogram: metric_types.MetricKey,
  metrics: Mapping[metric_types.MetricKey, Any],
) -> dict[metric_types.MetricKey, float]:
  buckets = metrics[histogram]
  positive = np.array([bucket.weighted_labels for bucket in buckets], float)
  photos = np.array([bucket.weighted_examples for bucket in buckets], float)
  return {key: of(positive, photos - positive)}


class SparseAUC(_OfHistogram):
  """The area under the ROC."""

  def __init__(self, name: str = AUC):
    super().__init__(name)

  def of(self, positive: np.ndarray, negative: np.ndarray) -> float:
    """See `_OfHistogram`."""
    return _auc(positive, negative)[0]


class AUCLow(_OfHistogram):
  """The lower end of the 95% interval of the area under the ROC.

  By DeLong's variance on the logit scale, as `components.shared.learning.intervals`.
  """

  def __init__(self, name: str = AUC_LOW):
    super().__init__(name)

  def of(self, positive: np.ndarray, negative: np.ndarray) -> float:
    """See `_OfHistogram`."""
    area, variance = _auc(positive, negative)
    if area in (0.0, 1.0):
      fewest = int(min(positive.sum(), negative.sum()))
      return intervals.of_share(int(area * fewest), fewest)[0]
    return float(special.expit(special.logit(area) - _Z * np.sqrt(variance) / (area * (1 - area))))


class AveragePrecisionGain(_OfHistogram):
  """(average precision - share of positives) / (1 - share of positives).

  A constant is at 0 whatever the share, a perfect order at 1.
  """

  def __init__(self, name: str = PRECISION_GAIN):
    super().__init__(name)

  def of(self, positive: np.ndarray, negative: np.ndarray) -> float:
    """See `_OfHistogram`."""
    true = np.cumsum(positive[::-1])
    named = true + np.cumsum(negative[::-1])
    if not len(true) or not 0 < true[-1] < named[-1]:
      return float("nan")
    precision = float(np.sum(positive[::-1] * true / np.maximum(named, 1)) / true[-1])
    share = true[-1] / named[-1]
    return (precision - share) / (1 - share)


class PhotosOfSmallerClass(_OfHistogram):
  """How many photos of the smaller class there are."""

  def __init__(self, name: str = OF_CLASS):
    super().__init__(name)

  def of(self, positive: np.ndarray, negative: np.ndarray) -> float:
    """See `_OfHistogram`."""
    return float(min(positive.sum(), negative.sum()))


class BestBalancedAccuracy(_OfHistogram):
  """The mean of the shares of either class that are named rightly, at the
  threshold that is best for it. What the model's own gives is in the ladder."""

  def __init__(self, name: str = BALANCED_ACCURACY):
    super().__init__(name)

  def of(self, positive: np.ndarray, negative: np.ndarray) -> float:
    """See `_OfHistogram`."""
    if not positive.sum() or not negative.sum():
      return float("nan")
    found = 1 - np.cumsum(positive) / positive.sum()
    rejected = np.cumsum(negative) / negative.sum()
    return float(np.max((found + rejected) / 2, initial=0.5))


def _auc(positive: np.ndarray, negative: np.ndarray) -> tuple[float, float]:
  """Area under the ROC and its variance (DeLong et al. 1988), of counts by
  rising score."""
  of_positives, of_negatives = positive.sum(), negative.sum()
  if not of_positives or not of_negatives:
    return float("nan"), float("nan")
  below = (np.cumsum(negative) - negative / 2) / of_negatives
  above = 1 - (np.cumsum(positive) - positive / 2) / of_positives
  area = float(np.sum(positive * below) / of_positives)

  def variance(counts: np.ndarray, values: np.ndarray) -> float:
    total = counts.sum()
    return float(np.sum(counts * (values - area) ** 2) / max(total - 1, 1) / total)

  return area, variance(positive, below) + variance(negative, above)


class _DrawnOnce:
  """A plot that is made when the confidence intervals have been.

  No interval is shown of it, but TFMA would make it for every sample.
  """

  def computations(self, *args: Any, **kwargs: Any) -> metric_types.MetricComputations:
    """See `tfma.metrics.Metric`."""
    return [
      metric_types.CIDerivedMetricComputation(found.keys, found.result)
      if isinstance(found, metric_types.DerivedMetricComputation)
      else found
      for found in super().computations(*args, **kwargs)
    ]


class CalibrationPlotOnce(_DrawnOnce, tfma.metrics.CalibrationPlot):
  """TFMA's, see `_DrawnOnce`."""


class ConfusionMatrixPlotOnce(_DrawnOnce, tfma.metrics.ConfusionMatrixPlot):
  """TFMA's, see `_DrawnOnce`."""


def eval_config(
  settings: EvaluationSettings, attributes: Sequence[str], others: Iterable[str]
) -> config_pb2.EvalConfig:
  """TFMA's configuration for embeddings of `hand_labeled`.

  TFMA finds an attribute's probability by the name of the model's output, so
  this is also the name of what it says of the attribute. Overall and by slice
  (each class, and each other annotation), with confidence intervals. Only the
  overall slice decides, and every attribute has to pass.

  The intervals are jackknifed: TFMA counts each photo once and joins the
  counts of 20 parts, all but one at a time, where its bootstrap would count
  the photos of every slice 21 times.

  Args:
    settings: thresholds and slices.
    attributes: that were learned.
    others: annotations to slice by where the settings name none.
  """
  labels = {
    serving.probability_of(attribute): examples.label(attribute) for attribute in attributes
  }
  return config_pb2.EvalConfig(
    model_specs=[
      config_pb2.ModelSpec(signature_name=serving.CLASSIFY_EMBEDDING, label_keys=labels)
    ],
    slicing_specs=[
      config_pb2.SlicingSpec(),
      *(
        config_pb2.SlicingSpec(feature_keys=[key])
        for key in (*labels.values(), *(settings.slices or others))
      ),
    ],
    metrics_specs=[config_pb2.MetricsSpec(output_names=labels, metrics=_metrics(settings))],
    options=config_pb2.Options(
      compute_confidence_intervals={"value": True},
      confidence_intervals=config_pb2.ConfidenceIntervalOptions(
        method=config_pb2.ConfidenceIntervalOptions.JACKKNIFE
      ),
    ),
  )


def _metrics(settings: EvaluationSettings) -> Iterable[config_pb2.MetricConfig]:
  for name in ("ExampleCount", "BinaryAccuracy", "Precision", "Recall", "BinaryCrossEntropy"):
    yield config_pb2.MetricConfig(class_name=name)
  # Their defaults, 10,000 buckets and 1,000 thresholds, are more than can be
  # seen.
  yield config_pb2.MetricConfig(
    class_name=CalibrationPlotOnce.__name__, module=__name__, config='{"num_buckets": 100}'
  )
  yield config_pb2.MetricConfig(
    class_name=ConfusionMatrixPlotOnce.__name__, module=__name__, config='{"num_thresholds": 100}'
  )
  for metric, bound in (
    (AUCLow, settings.min_auc_low),
    (AveragePrecisionGain, settings.min_precision_gain),
    (BestBalancedAccuracy, settings.min_balanced_accuracy),
    (PhotosOfSmallerClass, float(settings.min_of_class)),
  ):
    yield config_pb2.MetricConfig(
      class_name=metric.__name__,
      module=__name__,
      per_slice_thresholds=_overall(
        config_pb2.MetricThreshold(
          value_threshold=config_pb2.GenericValueThreshold(lower_bound={"value": bound})
        )
      ),
    )
  yield config_pb2.MetricConfig(
    class_name=SparseAUC.__name__,
    module=__name__,
    per_slice_thresholds=_overall(
      config_pb2.MetricThreshold(
        value_threshold=config_pb2.GenericValueThreshold(lower_bound={"value": settings.min_auc}),
        change_threshold=config_pb2.GenericChangeThreshold(
          direction=config_pb2.MetricDirection.HIGHER_IS_BETTER,
          absolute={"value": -settings.max_auc_drop},
        ),
      )
    ),
  )


def _overall(threshold: config_pb2.MetricThreshold) -> Iterable[config_pb2.PerSliceMetricThreshold]:
  return [
    config_pb2.PerSliceMetricThreshold(
      slicing_specs=[config_pb2.SlicingSpec()], threshold=threshold
    )
  ]
