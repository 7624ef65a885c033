"""What the Evaluator computes, and what it takes to be blessed."""

from typing import Iterable, Sequence

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2

from components import examples
from components.classifier import serving
from components.classifier.settings import EvaluationSettings

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


def eval_config(settings: EvaluationSettings, attributes: Sequence[str],
                others: Iterable[str]) -> config_pb2.EvalConfig:
  """TFMA's configuration for embeddings of `hand_labeled`.

  TFMA finds an attribute's probability by the name of the model's output, so
  this is also the name of what it says of the attribute. Overall and by slice
  (each class, and each other annotation), with bootstrapped confidence
  intervals. Only the overall slice decides, and every attribute has to pass.

  Args:
    settings: thresholds and slices.
    attributes: that were learned.
    others: annotations to slice by where the settings name none.
  """
  labels = {serving.probability_of(attribute): examples.label(attribute)
            for attribute in attributes}
  return config_pb2.EvalConfig(
      model_specs=[config_pb2.ModelSpec(
          signature_name=serving.CLASSIFY_EMBEDDING, label_keys=labels)],
      slicing_specs=[
          config_pb2.SlicingSpec(),
          *(config_pb2.SlicingSpec(feature_keys=[key])
            for key in (*labels.values(), *(settings.slices or others)))],
      metrics_specs=[config_pb2.MetricsSpec(
          output_names=labels, metrics=_metrics(settings))],
      options=config_pb2.Options(
          compute_confidence_intervals={"value": True},
          confidence_intervals=config_pb2.ConfidenceIntervalOptions(
              method=config_pb2.ConfidenceIntervalOptions.POISSON_BOOTSTRAP)))


def _metrics(settings: EvaluationSettings) -> Iterable[config_pb2.MetricConfig]:
  for name in ("ExampleCount", "BinaryAccuracy", "Precision", "Recall",
               "BinaryCrossEntropy"):
    yield config_pb2.MetricConfig(class_name=name)
  # Their defaults, 10,000 buckets and 1,000 thresholds, are computed for every
  # slice and every bootstrap sample.
  yield config_pb2.MetricConfig(
      class_name="CalibrationPlot", config='{"num_buckets": 100}')
  yield config_pb2.MetricConfig(
      class_name="ConfusionMatrixPlot", config='{"num_thresholds": 100}')
  yield config_pb2.MetricConfig(
      class_name="AccuracyOverMajority", module=__name__,
      per_slice_thresholds=_overall(config_pb2.MetricThreshold(
          value_threshold=config_pb2.GenericValueThreshold(
              lower_bound={"value": settings.min_over_majority}))))
  yield config_pb2.MetricConfig(
      class_name="AUC",
      per_slice_thresholds=_overall(config_pb2.MetricThreshold(
          value_threshold=config_pb2.GenericValueThreshold(
              lower_bound={"value": settings.min_auc}),
          change_threshold=config_pb2.GenericChangeThreshold(
              direction=config_pb2.MetricDirection.HIGHER_IS_BETTER,
              absolute={"value": -settings.max_auc_drop}))))


def _overall(
    threshold: config_pb2.MetricThreshold
) -> Iterable[config_pb2.PerSliceMetricThreshold]:
  return [config_pb2.PerSliceMetricThreshold(
      slicing_specs=[config_pb2.SlicingSpec()], threshold=threshold)]
