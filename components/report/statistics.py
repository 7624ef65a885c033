"""TFDV's statistics and anomalies, as the page shows them."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

from components.shared.artifacts import anomalies

_STATISTICS_FILE = "FeatureStats.pb"
_DIFFERENCE_FILE = "SchemaDiff.pb"
_TOP = 3


@dataclasses.dataclass(frozen=True)
class Feature:
  """A feature of a split.

  Attributes:
    name: of the feature.
    kind: INT, FLOAT, STRING or BYTES.
    count: examples that have it.
    missing: share of examples that lack it.
    numbers: mean, deviation, least, median, largest; none of texts.
    texts: how many different ones, and the most frequent; empty of numbers.
  """

  name: str
  kind: str
  count: int
  missing: float
  numbers: dict[str, float] | None
  texts: str


def features(statistics_uri: str) -> dict[str, list[Feature]]:
  """Every feature by split.

  Args:
    statistics_uri: of StatisticsGen.
  """
  return {
    split: sorted(
      (_feature(feature, data.num_examples) for feature in data.features),
      key=lambda feature: feature.name,
    )
    for split, data in _by_split(statistics_uri).items()
  }


def counts(statistics_uri: str) -> dict[str, int]:
  """How many examples each split has."""
  return {split: data.num_examples for split, data in _by_split(statistics_uri).items()}


def _by_split(uri: str) -> dict[str, statistics_pb2.DatasetFeatureStatistics]:
  found = {}
  for path in sorted(tf.io.gfile.glob(os.path.join(uri, "Split-*", _STATISTICS_FILE))):
    split = os.path.basename(os.path.dirname(path)).split("-", 1)[1]
    with tf.io.gfile.GFile(path, "rb") as file:
      found[split] = statistics_pb2.DatasetFeatureStatisticsList.FromString(file.read()).datasets[0]
  return found


def _feature(feature: statistics_pb2.FeatureNameStatistics, examples_: int) -> Feature:
  common: Any = getattr(feature, feature.WhichOneof("stats")).common_stats
  numbers, texts = None, ""
  if feature.HasField("num_stats"):
    stats = feature.num_stats
    numbers = {
      "mean": stats.mean,
      "deviation": stats.std_dev,
      "least": stats.min,
      "median": stats.median,
      "largest": stats.max,
    }
  elif feature.HasField("string_stats"):
    stats = feature.string_stats
    texts = f"{stats.unique} different"
    if stats.unique <= _TOP:
      texts = ", ".join(f"{top.value}: {top.frequency:.0f}" for top in stats.top_values)
  return Feature(
    name=".".join(feature.path.step) or feature.name,
    kind=statistics_pb2.FeatureNameStatistics.Type.Name(feature.type),
    count=common.num_non_missing,
    missing=1.0 - common.num_non_missing / examples_ if examples_ else 0.0,
    numbers=numbers,
    texts=texts,
  )


@dataclasses.dataclass(frozen=True)
class Validation:
  """What a validator checked, and what it found."""

  name: str
  splits: list[str]
  found: list[anomalies.Anomaly]


def validations(uris: Mapping[str, str]) -> list[Validation]:
  """Every validator's findings.

  Args:
    uris: ExampleAnomalies artifacts, by a name for people.
  """
  return [
    Validation(
      name, [split.split("-", 1)[1] for split in anomalies.splits(uri)], anomalies.read(uri)
    )
    for name, uri in uris.items()
  ]


@dataclasses.dataclass(frozen=True)
class Drift:
  """A measured distance between two splits' distributions of a feature."""

  feature: str
  splits: str
  measure: str
  value: float
  bound: float


def drifts(uris: Sequence[str]) -> list[Drift]:
  """What DistributionValidators measured, within bounds or not."""
  found = []
  for uri in uris:
    for pair in anomalies.splits(uri):
      with tf.io.gfile.GFile(os.path.join(uri, pair, _DIFFERENCE_FILE), "rb") as file:
        proto = anomalies_pb2.Anomalies.FromString(file.read())
      found.extend(
        Drift(
          ".".join(info.path.step),
          pair.split("-", 1)[1],
          anomalies_pb2.DriftSkewInfo.Measurement.Type.Name(measured.type),
          measured.value,
          measured.threshold,
        )
        for info in proto.drift_skew_info
        for measured in (*info.drift_measurements, *info.skew_measurements)
      )
  return found
