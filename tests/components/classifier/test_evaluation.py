"""The gate."""

import functools
import math

import apache_beam as beam
import numpy as np
import pytest
import tensorflow_model_analysis as tfma
from apache_beam.testing import util as beam_testing
from sklearn import metrics as sklearn_metrics
from tensorflow_model_analysis.evaluators import (
  metrics_plots_and_validations_evaluator as evaluator,
)
from tensorflow_model_analysis.proto import config_pb2

from components.classifier import evaluation
from components.shared.learning import intervals
from components.shared.learning.settings import EvaluationSettings

_ATTRIBUTES, _OTHER = ("Male", "Young"), "Smiling"
_PHOTOS = 60
_KEPT = {}
"""Of a module: Beam copies what functions hold, and not what they name."""


def judged():
  """Labels and probabilities [attributes, photos], and another annotation."""
  rng = np.random.default_rng(0)
  labels = rng.integers(0, 2, (len(_ATTRIBUTES), _PHOTOS))
  return (
    labels,
    np.clip(rng.normal(0.35 + 0.3 * labels, 0.2), 0.001, 0.999).astype(np.float32),
    np.arange(_PHOTOS) % 3 == 0,
  )


def evaluated(intervals=False, **classes):
  """What TFMA's Evaluator makes of `judged`: {"metrics" or "plots": {slice:
  {key: value}}}; `classes` replace ours."""
  config = evaluation.eval_config(EvaluationSettings(), _ATTRIBUTES, [_OTHER])
  config.options.compute_confidence_intervals.value = intervals
  for metric in config.metrics_specs[0].metrics:
    if metric.class_name in classes:
      metric.class_name, metric.module = classes[metric.class_name], ""
  config = tfma.utils.update_eval_config_with_defaults(
    config, has_baseline=False, rubber_stamp=True
  )
  with beam.Pipeline(runner="FnApiRunner") as pipeline:
    results = (
      pipeline
      | beam.Create(list(extracts()))
      | evaluator.MetricsPlotsAndValidationsEvaluator(config).ptransform
    )
    for kind in ("metrics", "plots"):
      beam_testing.assert_that(results[kind], functools.partial(keep, kind), label=kind)
  return dict(_KEPT)


def keep(kind, slices):
  _KEPT[kind] = dict(slices)


def extracts():
  labels, probabilities, other = judged()
  for number in range(_PHOTOS):
    by_output = [
      {
        f"probability_{name}": values[row, number : number + 1]
        for row, name in enumerate(_ATTRIBUTES)
      }
      for values in (labels, probabilities)
    ]
    yield {
      tfma.LABELS_KEY: by_output[0],
      tfma.PREDICTIONS_KEY: by_output[1],
      tfma.SLICE_KEY_TYPES_KEY: [(), ((_OTHER, int(other[number])),)],
    }


def _histogram(labels, scores):
  """Counts of either class by rising score."""
  values = np.unique(scores)
  return tuple(
    np.array([np.sum((scores == value) & (labels == label)) for value in values], float)
    for label in (1, 0)
  )


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9, 0.98])
def test_a_good_order_passes_every_bound_and_a_constant_none(share):
  """Whatever the share of positives."""
  settings = EvaluationSettings()
  rng = np.random.default_rng(round(100 * share))
  labels = (np.arange(800) < share * 800).astype(int)
  good = _histogram(labels, np.round(labels * 1.8 + rng.normal(size=800), 3))
  constant = _histogram(labels, np.zeros(800))
  for metric, bound in (
    (evaluation.AUCLow(), settings.min_auc_low),
    (evaluation.AveragePrecisionGain(), settings.min_precision_gain),
    (evaluation.BestBalancedAccuracy(), settings.min_balanced_accuracy),
    (evaluation.SparseAUC(), settings.min_auc),
  ):
    assert metric.of(*good) >= bound, metric
    assert metric.of(*constant) < bound, metric


def test_metrics_of_a_histogram_as_by_scikit_learn():
  rng = np.random.default_rng(3)
  labels = (rng.uniform(size=90) < 0.2).astype(int)
  scores = np.round(labels + rng.normal(size=90), 1)  # with ties
  positive, negative = _histogram(labels, scores)
  precision = sklearn_metrics.average_precision_score(labels, scores)
  assert evaluation.AveragePrecisionGain().of(positive, negative) == pytest.approx(
    (precision - labels.mean()) / (1 - labels.mean())
  )
  assert evaluation.SparseAUC().of(positive, negative) == pytest.approx(
    sklearn_metrics.roc_auc_score(labels, scores)
  )
  low, _ = intervals.of_auc(labels, scores)
  assert evaluation.AUCLow().of(positive, negative) == pytest.approx(low, abs=1e-4)
  assert evaluation.PhotosOfSmallerClass().of(positive, negative) == labels.sum()


def test_one_class_can_not_be_judged():
  positive, negative = np.zeros(4), np.ones(4)
  assert evaluation.PhotosOfSmallerClass().of(positive, negative) == 0
  for metric in (evaluation.SparseAUC(), evaluation.AveragePrecisionGain()):
    assert math.isnan(metric.of(positive, negative))


def test_slices_and_thresholds():
  config = evaluation.eval_config(
    EvaluationSettings(min_auc=0.9, min_of_class=7), ["Male", "Young"], ["Smiling"]
  )
  assert [list(spec.feature_keys) for spec in config.slicing_specs] == [
    [],
    ["label_Male"],
    ["label_Young"],
    ["Smiling"],
  ]
  thresholds = tfma.metrics.metric_thresholds_from_metrics_specs(
    config.metrics_specs, eval_config=config
  )
  bounds = {}
  for key, entries in thresholds.items():
    ((slices, threshold),) = entries
    assert slices == config_pb2.SlicingSpec(), "only the overall slice decides"
    bounds[key.output_name, key.name, key.is_diff] = (
      threshold.absolute.value if key.is_diff else threshold.lower_bound.value
    )
  assert bounds == {
    (f"probability_{attribute}", *bound): value
    for attribute in ("Male", "Young")
    for bound, value in (
      (("auc", False), 0.9),
      (("auc", True), -0.02),
      (("auc_low", False), 0.6),
      (("average_precision_gain", False), 0.1),
      (("best_balanced_accuracy", False), 0.6),
      (("photos_of_smaller_class", False), 7.0),
    )
  }


def test_named_slices_replace_the_sources():
  config = evaluation.eval_config(EvaluationSettings(slices=("Young",)), ["Male"], ["Smiling"])
  assert [list(spec.feature_keys) for spec in config.slicing_specs] == [
    [],
    ["label_Male"],
    ["Young"],
  ]


@pytest.mark.slow
def test_as_with_tfmas_own_metrics_and_plots():
  ours = evaluated()
  theirs = evaluated(
    SparseAUC="AUC",
    CalibrationPlotOnce="CalibrationPlot",
    ConfusionMatrixPlotOnce="ConfusionMatrixPlot",
  )
  # As text: where nothing is to be shared, a share is no number.
  assert (
    str(sorted(ours["plots"].items())) == str(sorted(theirs["plots"].items()))
    and len(ours["plots"]) == 3
  )
  assert all(len(plots) == 2 * len(_ATTRIBUTES) for plots in ours["plots"].values())
  assert set(ours["metrics"]) == set(theirs["metrics"])
  for slice_, found in ours["metrics"].items():
    assert found == pytest.approx(theirs["metrics"][slice_], abs=1e-6)


def test_area_as_by_scikit_learn():
  labels, probabilities, _ = judged()
  found = evaluated()["metrics"][()]
  for attribute, *drawn in zip(_ATTRIBUTES, labels, probabilities, strict=True):
    key = tfma.metrics.MetricKey(
      evaluation.AUC, output_name=f"probability_{attribute}", example_weighted=False
    )
    assert found[key] == pytest.approx(sklearn_metrics.roc_auc_score(*drawn), abs=1e-6)


def test_every_slice_has_intervals():
  labels, probabilities, other = judged()
  found = evaluated(intervals=True)["metrics"]
  accuracy = tfma.metrics.MetricKey(
    evaluation.ACCURACY, output_name="probability_Male", example_weighted=False
  )
  right = labels[0] == (probabilities[0] > 0.5)
  for slice_, of in (((), right), (((_OTHER, 1),), right[other]), (((_OTHER, 0),), right[~other])):
    assert all(
      value.sample_standard_deviation > 0
      for key, value in found[slice_].items()
      if key.name not in ("example_count", "__ERROR__")
    )
    value = found[slice_][accuracy]
    assert value.unsampled_value == pytest.approx(of.mean())
    # The 20 parts are drawn anew each time, and some hold one photo or none.
    usual = of.std() / np.sqrt(len(of))
    assert usual / 3 < value.sample_standard_deviation < usual * 3
