"""What the Evaluator computes, and what it takes to be blessed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.metrics import (
  binary_confusion_matrices,
  calibration_histogram,
  metric_types,
)
from tensorflow_model_analysis.proto import config_pb2

from components.shared.data import examples
from components.shared.learning import serving
from components.shared.learning.settings import EvaluationSettings

ACCURACY = "binary_accuracy"
AUC = "auc"
OVER_MAJORITY = "accuracy_over_majority"


class AccuracyOverMajority(tfma.metrics.BinaryAccuracy):
  """Accuracy minus that of always naming the larger class, -1 to 0.5.

  A classifier that learned nothing is at 0 or below on any class balance, so
  a lower bound holds for every data set.
  """

  def _default_name(self) -> str:
    return OVER_MAJORITY

  def result(self, tp: float, tn: float, fp: float, fn: float) -> float:
    total = tp + tn + fp + fn
    if not total:
      return float("nan")
    return (tp + tn - max(tp + fn, tn + fp)) / total


class SparseAUC(tfma.metrics.AUC):
  """TFMA's area under the ROC, at the thresholds that tell photos apart.

  TFMA counts photos in 10,000 buckets, most of them empty, and then at 10,000
  thresholds, for every slice and every sample of it. What lies between two
  photos changes no count: these are counted at the filled buckets alone.
  """

  def _metric_computations(
    self,
    curve: str,
    summation_method: str,
    name: str,
    eval_config: config_pb2.EvalConfig,
    model_name: str = "",
    output_name: str = "",
    **_,
  ) -> metric_types.MetricComputations:
    key = metric_types.MetricKey(name=name, model_name=model_name, output_name=output_name)
    counted = calibration_histogram.calibration_histogram(
      eval_config=eval_config, model_name=model_name, output_name=output_name
    )
    (histogram,) = counted[-1].keys

    def result(
      metrics: Mapping[metric_types.MetricKey, Any],
    ) -> dict[metric_types.MetricKey, float]:
      return {key: self._metric_value(curve, summation_method, key, _matrices(metrics[histogram]))}

    return [*counted, metric_types.DerivedMetricComputation([key], result)]


def _matrices(buckets: calibration_histogram.Histogram) -> binary_confusion_matrices.Matrices:
  """Counts below all buckets, and above each, by rising threshold."""
  photos = np.array([0.0, *(bucket.weighted_examples for bucket in buckets)])
  labels = np.array([0.0, *(bucket.weighted_labels for bucket in buckets)])
  fn, tn = np.cumsum(labels), np.cumsum(photos - labels)
  return binary_confusion_matrices.Matrices(
    thresholds=list(range(len(photos))), tp=fn[-1] - fn, tn=tn, fp=tn[-1] - tn, fn=fn
  )


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
  yield config_pb2.MetricConfig(
    class_name=AccuracyOverMajority.__name__,
    module=__name__,
    per_slice_thresholds=_overall(
      config_pb2.MetricThreshold(
        value_threshold=config_pb2.GenericValueThreshold(
          lower_bound={"value": settings.min_over_majority}
        )
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
