"""Faces and embeddings as tf.Examples in sharded, gzipped TFRecords.

The one place that knows feature names, file names and record order.

| feature          | type  | where                                            |
|------------------|-------|--------------------------------------------------|
| image_id         | bytes | always: the photo's file name                    |
| image            | bytes | faces: an encoded image (JPEG)                   |
| embedding        | float | embeddings: the network's output, fixed width    |
| domain           | bytes | always: `real` or `synthetic`                    |
| label            | int64 | 1 = has the attribute, 0 = has not; absent = unknown |
| held_out_label   | int64 | split `unlabeled` only: an annotation that exists, for reports, never for learning |
| <attribute>      | int64 | any other annotation, 1 / 0, absent = unknown    |
"""

import hashlib
import os
from typing import Dict, Iterable, List, Mapping, Optional, Tuple, Union

import apache_beam as beam
import tensorflow as tf
from tfx.types import artifact_utils

IMAGE_ID = "image_id"
IMAGE = "image"
EMBEDDING = "embedding"
DOMAIN = "domain"
LABEL = "label"
HELD_OUT_LABEL = "held_out_label"
REAL = b"real"
SYNTHETIC = b"synthetic"

HAND_LABELED = "hand_labeled"
LABELED = "labeled"
UNLABELED = "unlabeled"
SYNTHETIC_TRAIN = "synthetic_train"
SYNTHETIC_EVAL = "synthetic_eval"
REAL_SPLITS = (HAND_LABELED, LABELED, UNLABELED)
SYNTHETIC_SPLITS = (SYNTHETIC_TRAIN, SYNTHETIC_EVAL)

Value = Union[bytes, int, float, Iterable[float]]


def encode(features: Mapping[str, Optional[Value]]) -> bytes:
  """A serialized tf.Example; features that are None are left out.

  The bytes are the same for the same features, in any order.
  """
  encoded = {}
  for name in sorted(features):
    value = features[name]
    if value is None:
      continue
    if isinstance(value, bytes):
      encoded[name] = tf.train.Feature(
          bytes_list=tf.train.BytesList(value=[value]))
    elif isinstance(value, int):
      encoded[name] = tf.train.Feature(
          int64_list=tf.train.Int64List(value=[value]))
    else:
      values = [value] if isinstance(value, float) else value
      encoded[name] = tf.train.Feature(
          float_list=tf.train.FloatList(value=values))
  example = tf.train.Example(features=tf.train.Features(feature=encoded))
  return example.SerializeToString(deterministic=True)


def decode(serialized: bytes) -> Dict[str, Value]:
  """The inverse of `encode`; single values come back as scalars, except
  `embedding`, which is always a list."""
  features = {}
  for name, feature in tf.train.Example.FromString(
      serialized).features.feature.items():
    values = list(getattr(feature, feature.WhichOneof("kind")).value)
    if name != EMBEDDING and len(values) == 1:
      values = values[0]
    features[name] = values
  return features


def split_folder(artifact_uri: str, split: str) -> str:
  """Where TFX looks for the files of a split."""
  return os.path.join(artifact_uri, f"Split-{split}")


def split_pattern(artifact_uri: str, split: str) -> str:
  """Glob pattern of the TFRecord files of a split."""
  return os.path.join(split_folder(artifact_uri, split), "*.gz")


def split_files(artifact_uri: str, split: str) -> List[str]:
  """Sorted TFRecord files of a split."""
  return sorted(tf.io.gfile.glob(split_pattern(artifact_uri, split)))


def set_splits(artifact, splits: Iterable[str]) -> None:
  """Writes down on an Examples artifact which splits it has."""
  artifact.split_names = artifact_utils.encode_split_names(list(splits))


def dataset(artifact_uri: str, split: str) -> tf.data.Dataset:
  """The serialized tf.Examples of a split, streamed, in file order."""
  return tf.data.TFRecordDataset(
      split_files(artifact_uri, split), compression_type="GZIP")


class WriteSplit(beam.PTransform):
  """Writes (image_id, serialized tf.Example) pairs as one split.

  A record's file follows from its image_id alone and records are in the order
  of their image_ids within a file, so the files are the same byte for byte
  whatever the number of workers. One shard at a time is held in memory.

  Args:
    artifact_uri: the Examples artifact.
    split: the split's name.
    shards: number of files.
  """

  def __init__(self, artifact_uri: str, split: str, shards: int):
    super().__init__()
    self._folder = split_folder(artifact_uri, split)
    self._shards = shards

  def expand(self, pairs):
    shards = self._shards
    return (
        pairs
        | "KeyByShard" >> beam.Map(lambda p: (shard_of(p[0], shards), p))
        | "GroupByShard" >> beam.GroupByKey()
        | "WriteShard" >> beam.Map(_write_shard, self._folder, shards))


def shard_of(image_id: str, shards: int) -> int:
  """Which of `shards` files a record belongs to."""
  return int.from_bytes(
      hashlib.blake2b(image_id.encode(), digest_size=8).digest(),
      "big") % shards


def shards_for(count: int, per_shard: int = 1000) -> int:
  """A number of files that keeps each to about `per_shard` records."""
  return max(1, -(-count // per_shard))


def _write_shard(keyed: Tuple[int, Iterable[Tuple[str, bytes]]], folder: str,
                 shards: int) -> str:
  shard, pairs = keyed
  tf.io.gfile.makedirs(folder)
  path = os.path.join(folder, f"data_tfrecord-{shard:05d}-of-{shards:05d}.gz")
  with tf.io.TFRecordWriter(path, tf.io.TFRecordOptions("GZIP")) as writer:
    for _, serialized in sorted(pairs):
      writer.write(serialized)
  return path
