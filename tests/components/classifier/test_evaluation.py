"""The gate."""

import math

import pytest
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2

from components.classifier import evaluation
from components.classifier.settings import EvaluationSettings


@pytest.mark.parametrize("tp, tn, fp, fn, expected", [
    (5, 5, 0, 0, 0.5),       # all right, classes of equal size
    (0, 58, 0, 42, 0.0),     # the larger class, always
    (42, 0, 58, 0, -0.16),   # the smaller class, always
    (0, 0, 58, 42, -0.58),   # polarity flipped
])
def test_accuracy_over_majority(tp, tn, fp, fn, expected):
  metric = evaluation.AccuracyOverMajority()
  assert metric.result(tp=tp, tn=tn, fp=fp, fn=fn) == pytest.approx(expected)


def test_accuracy_over_majority_of_nothing():
  assert math.isnan(evaluation.AccuracyOverMajority().result(0, 0, 0, 0))


def test_slices_and_thresholds():
  config = evaluation.eval_config(
      EvaluationSettings(min_auc=0.9, min_over_majority=0.2),
      ["Male", "Young"], ["Smiling"])
  assert [list(spec.feature_keys) for spec in config.slicing_specs] == [
      [], ["label_Male"], ["label_Young"], ["Smiling"]]
  thresholds = tfma.metrics.metric_thresholds_from_metrics_specs(
      config.metrics_specs, eval_config=config)
  bounds = {}
  for key, entries in thresholds.items():
    (slices, threshold), = entries
    assert slices == config_pb2.SlicingSpec(), "only the overall slice decides"
    bounds[key.output_name, key.name, key.is_diff] = (
        threshold.absolute.value if key.is_diff
        else threshold.lower_bound.value)
  assert bounds == {
      (f"probability_{attribute}", *bound): value
      for attribute in ("Male", "Young") for bound, value in (
          (("auc", False), 0.9), (("auc", True), -0.02),
          (("accuracy_over_majority", False), 0.2))}


def test_named_slices_replace_the_sources():
  config = evaluation.eval_config(
      EvaluationSettings(slices=("Young",)), ["Male"], ["Smiling"])
  assert [list(spec.feature_keys) for spec in config.slicing_specs] == [
      [], ["label_Male"], ["Young"]]
