"""TFMA's results in words."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_model_analysis.proto import validation_result_pb2

from components.report import results
from components.shared.artifacts import ladder_files
from components.shared.learning import intervals


def failure(**fields):
  return validation_result_pb2.ValidationFailure(**fields)


@pytest.mark.parametrize(
  "fields, said",
  [
    (
      {
        "metric_key": {"name": "auc"},
        "metric_threshold": {"value_threshold": {"lower_bound": {"value": 0.8}}},
        "metric_value": {"double_value": {"value": 0.71234}},
      },
      "AUC is 0.712, the lower bound is 0.8",
    ),
    (
      {
        "metric_key": {"name": "auc"},
        "metric_threshold": {"value_threshold": {"lower_bound": {"value": 0.8}}},
        "metric_value": {"bounded_value": {"value": {"value": 0.5}}},
      },
      "AUC is 0.500, the lower bound is 0.8",
    ),
    (
      {
        "metric_key": {"name": "auc", "is_diff": True},
        "metric_threshold": {"change_threshold": {"absolute": {"value": -0.02}}},
        "metric_value": {"double_value": {"value": -0.147}},
      },
      "AUC changed by -0.147 against the latest blessed model, and may lose 0.02",
    ),
    (
      {"metric_key": {"name": "auc"}, "message": "Metric not found."},
      "AUC could not be judged (Metric not found.)",
    ),
  ],
)
def test_reason(tmp_path, fields, said):
  validation = validation_result_pb2.ValidationResult()
  validation.metric_validations_per_slice.add().failures.append(failure(**fields))
  path = tmp_path / "validations.tfrecord"
  with tf.io.TFRecordWriter(str(path)) as writer:
    writer.write(validation.SerializeToString())
  assert results.failed_thresholds(str(tmp_path), ["Male"]) == [said]


def test_reasons_name_the_attribute_where_there_are_several(tmp_path):
  validation = validation_result_pb2.ValidationResult()
  validation.metric_validations_per_slice.add().failures.append(
    failure(
      metric_key={"name": "auc", "output_name": "probability_Young"}, message="Metric not found."
    )
  )
  with tf.io.TFRecordWriter(str(tmp_path / "validations.tfrecord")) as writer:
    writer.write(validation.SerializeToString())
  assert results.failed_thresholds(str(tmp_path), ["Male", "Young"]) == [
    "Young: AUC could not be judged (Metric not found.)"
  ]


def test_slices_have_the_ladders_intervals_and_no_figure_that_is_undefined():
  labels = np.array([1, 1, 1, 0, 0, 0])
  scores = ladder_files.Scores(
    [f"{n}.jpg" for n in range(6)], labels, {"pushed": np.array([0.9, 0.8, 0.7, 0.1, 0.2, 0.3])}
  )
  photos = {f"{n}.jpg": {"label_Male": str(label)} for n, label in enumerate(labels)}
  figures = {"binary_accuracy": 1.0, "precision": 0.0, "recall": 1.0, "auc": 1.0}
  by_slice = {
    name: {metric: {"value": value} for metric, value in figures.items()}
    for name in ("Overall", "label_Male=0")
  }
  results.with_intervals(by_slice, scores, "pushed", photos)
  overall = by_slice["Overall"]
  assert (overall["auc"]["low"], overall["auc"]["high"]) == intervals.of_auc(
    labels, scores.by_step["pushed"]
  )
  assert (overall["recall"]["low"], overall["recall"]["high"]) == intervals.of_share(3, 3)
  assert by_slice["label_Male=0"].keys() == {"binary_accuracy", "auc"}
  assert by_slice["label_Male=0"]["binary_accuracy"]["low"] == intervals.of_share(3, 3)[0] < 0.5
