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


@pytest.mark.parametrize(
  "tp, tn, fp, fn, expected",
  [
    (5, 5, 0, 0, 0.5),  # all right, classes of equal size
    (0, 58, 0, 42, 0.0),  # the larger class, always
    (42, 0, 58, 0, -0.16),  # the smaller class, always
    (0, 0, 58, 42, -0.58),  # polarity flipped
  ],
)
def test_accuracy_over_majority(tp, tn, fp, fn, expected):
  metric = evaluation.AccuracyOverMajority()
  assert metric.result(tp=tp, tn=tn, fp=fp, fn=fn) == pytest.approx(expected)


def test_accuracy_over_majority_of_nothing():
  assert math.isnan(evaluation.AccuracyOverMajority().result(0, 0, 0, 0))


def test_slices_and_thresholds():
  config = evaluation.eval_config(
    EvaluationSettings(min_auc=0.9, min_over_majority=0.2), ["Male", "Young"], ["Smiling"]
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
      (("accuracy_over_majority", False), 0.2),
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
