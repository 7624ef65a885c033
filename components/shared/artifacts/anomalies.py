"""Reads TFDV's anomalies as ExampleValidator and DistributionValidator write
them: `Split-<name>/SchemaDiff.pb` and `SplitPair-<test>_<base>/SchemaDiff.pb`.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.shared.core import errors

_FILE_NAME = "SchemaDiff.pb"
_WHOLE_DATASET = "the whole dataset"


class Anomaly(NamedTuple):
  """What is wrong with a feature of a split (or of a pair of splits, one held
  against the other)."""

  split: str
  feature: str
  description: str


def splits(artifact_uri: str) -> list[str]:
  """The splits and pairs of splits that were validated."""
  files = tf.io.gfile.glob(os.path.join(artifact_uri, "*", _FILE_NAME))
  return sorted(os.path.basename(os.path.dirname(file)) for file in files)


def read(artifact_uri: str) -> list[Anomaly]:
  """All anomalies of an ExampleAnomalies artifact, sorted."""
  found = []
  for folder in splits(artifact_uri):
    path = os.path.join(artifact_uri, folder, _FILE_NAME)
    with tf.io.gfile.GFile(path, "rb") as stream:
      proto = anomalies_pb2.Anomalies.FromString(stream.read())
    split = folder.split("-", 1)[1]
    for feature in sorted(proto.anomaly_info):
      info = proto.anomaly_info[feature]
      found.append(Anomaly(split, _feature(feature, info), _describe(info)))
    if proto.HasField("dataset_anomaly_info"):
      found.append(Anomaly(split, _WHOLE_DATASET, _describe(proto.dataset_anomaly_info)))
  return found


def block(found: Mapping[str, list[Anomaly]], way_out: str) -> None:
  """Stops the run if there is any anomaly.

  Args:
    found: by the validator that found them.
    way_out: what to do, a sentence.

  Raises:
    UserError: names every validator, split, feature and TFDV's description.
  """
  listed = "; ".join(
    f"{validator}, split `{a.split}`, {a.feature}: {a.description}"
    for validator, anomalies in found.items()
    for a in anomalies
  )
  if listed:
    count = sum(map(len, found.values()))
    raise errors.UserError(
      f"the data are not as the schema says ({count} anomalies): {listed}. {way_out}"
    )


def _feature(name: str, info: anomalies_pb2.AnomalyInfo) -> str:
  return ".".join(info.path.step) or name


def _describe(info: anomalies_pb2.AnomalyInfo) -> str:
  """DistributionValidator fills in the reasons only."""
  reasons = [f"{reason.short_description} ({reason.description})" for reason in info.reason]
  return " ".join(", ".join(reasons).split()) or info.short_description
