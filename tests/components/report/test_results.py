"""TFMA's results in words."""

import pytest
import tensorflow as tf
from tensorflow_model_analysis.proto import validation_result_pb2

from components.report import results


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
      "auc is 0.712, the lower bound is 0.8",
    ),
    (
      {
        "metric_key": {"name": "auc"},
        "metric_threshold": {"value_threshold": {"lower_bound": {"value": 0.8}}},
        "metric_value": {"bounded_value": {"value": {"value": 0.5}}},
      },
      "auc is 0.500, the lower bound is 0.8",
    ),
    (
      {
        "metric_key": {"name": "auc", "is_diff": True},
        "metric_threshold": {"change_threshold": {"absolute": {"value": -0.02}}},
        "metric_value": {"double_value": {"value": -0.147}},
      },
      "auc changed by -0.147 against the latest blessed model, and may lose 0.02",
    ),
    (
      {"metric_key": {"name": "auc"}, "message": "Metric not found."},
      "auc could not be judged (Metric not found.)",
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
    "Young: auc could not be judged (Metric not found.)"
  ]
