"""TFDV's statistics and distances as the page shows them."""

import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

from components.report import statistics


def test_features(tmp_path):
  data = statistics_pb2.DatasetFeatureStatisticsList()
  dataset = data.datasets.add(num_examples=10)
  number = dataset.features.add(type=statistics_pb2.FeatureNameStatistics.FLOAT)
  number.path.step.append("distance_from_photos")
  number.num_stats.mean = 0.5
  number.num_stats.common_stats.num_non_missing = 8
  text = dataset.features.add(type=statistics_pb2.FeatureNameStatistics.STRING)
  text.path.step.append("domain")
  text.string_stats.unique = 2
  text.string_stats.common_stats.num_non_missing = 10
  for value, frequency in (("real", 7), ("synthetic", 3)):
    text.string_stats.top_values.add(value=value, frequency=frequency)
  folder = tmp_path / "Split-labeled"
  folder.mkdir()
  (folder / "FeatureStats.pb").write_bytes(data.SerializeToString())
  distance, domain = statistics.features(str(tmp_path))["labeled"]
  assert domain.texts == "real: 7, synthetic: 3" and domain.numbers is None
  assert distance.missing == pytest.approx(0.2)
  assert distance.numbers["mean"] == 0.5 and distance.count == 8


def test_distances_are_shown_within_their_bounds_too(tmp_path):
  proto = anomalies_pb2.Anomalies()
  info = proto.drift_skew_info.add()
  info.path.step.append("embedding")
  info.drift_measurements.add(
    type=anomalies_pb2.DriftSkewInfo.Measurement.JENSEN_SHANNON_DIVERGENCE,
    value=0.01,
    threshold=0.2,
  )
  folder = tmp_path / "SplitPair-synthetic_train_unlabeled"
  folder.mkdir()
  (folder / "SchemaDiff.pb").write_bytes(proto.SerializeToString())
  (drift,) = statistics.drifts([str(tmp_path)])
  assert drift == statistics.Drift(
    "embedding", "synthetic_train_unlabeled", "Jensen-Shannon divergence", 0.01, 0.2
  )
