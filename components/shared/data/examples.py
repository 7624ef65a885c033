"""Faces and embeddings as tf.Examples in sharded, gzipped TFRecords.

The one place that knows file names and record order. `feature_names` says what
is in a record; its names are also given out here, to all who read or write.
"""

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import tensorflow as tf
from tfx.types import artifact_utils

from components.shared.data.feature_names import (  # noqa: F401  Given out too.
  DISTANCE,
  DOMAIN,
  EMBEDDING,
  FOLD,
  HAND_LABELED,
  IMAGE,
  IMAGE_ID,
  LABELED,
  PHOTO_SPLITS,
  REAL,
  REAL_SPLITS,
  RESERVED,
  SYNTHETIC,
  SYNTHETIC_EVAL,
  SYNTHETIC_SPLITS,
  SYNTHETIC_TRAIN,
  TRAINING,
  UNKNOWN,
  UNLABELED,
  feature_names,
  held_out_label,
  label,
)

Value = bytes | int | float | Iterable[float]


def encode(features: Mapping[str, Value | None]) -> bytes:
  """A serialized tf.Example; features that are None are left out.

  The bytes are the same for the same features, in any order.
  """
  encoded = {}
  for name in sorted(features):
    value = features[name]
    if value is None:
      continue
    if isinstance(value, bytes):
      encoded[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    elif isinstance(value, int):
      encoded[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
    else:
      values = [value] if isinstance(value, float) else value
      encoded[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
  example = tf.train.Example(features=tf.train.Features(feature=encoded))
  return example.SerializeToString(deterministic=True)


def decode(serialized: bytes) -> dict[str, Any]:
  """The inverse of `encode`; single values come back as scalars, except
  `embedding`, which is always a list."""
  features: dict[str, Any] = {}
  for name, feature in tf.train.Example.FromString(serialized).features.feature.items():
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


def split_files(artifact_uri: str, split: str) -> list[str]:
  """Sorted TFRecord files of a split."""
  return sorted(tf.io.gfile.glob(split_pattern(artifact_uri, split)))


def copies(source_uri: str, split: str, target_uri: str) -> list[tuple[str, str, str]]:
  """(split, file, file of that name in another artifact) for each file."""
  return [
    (split, path, os.path.join(split_folder(target_uri, split), os.path.basename(path)))
    for path in split_files(source_uri, split)
  ]


def set_splits(artifact, splits: Iterable[str]) -> None:
  """Writes down on an Examples artifact which splits it has."""
  artifact.split_names = artifact_utils.encode_split_names(list(splits))


def dataset(artifact_uri: str, split: str) -> tf.data.Dataset:
  """The serialized tf.Examples of a split, streamed, in file order."""
  return tf.data.TFRecordDataset(split_files(artifact_uri, split), compression_type="GZIP")


def find(artifact_uri: str, split: str, image_id: str) -> dict[str, Any]:
  """The features of one record, out of the file that should hold it.

  Raises:
    KeyError: the split has no such record.
  """
  files = split_files(artifact_uri, split)
  count = re.search(r"-of-(\d+)\.gz$", files[0]) if files else None
  if count:
    shards = int(count[1])
    likely = shard_path(artifact_uri, split, shard_of(image_id, shards), shards)
    files.sort(key=lambda path: path != likely)
  wanted = image_id.encode()
  for record in tf.data.TFRecordDataset(files, compression_type="GZIP").as_numpy_iterator():
    if wanted not in record:
      continue  # Most can be told without taking them apart.
    features = decode(record)
    if features[IMAGE_ID] == wanted:
      return features
  raise KeyError(image_id)


def shard_path(artifact_uri: str, split: str, shard: int, shards: int) -> str:
  """The file of a split's records whose `shard_of` is `shard`."""
  return os.path.join(
    split_folder(artifact_uri, split), f"data_tfrecord-{shard:05d}-of-{shards:05d}.gz"
  )


def shard_of(image_id: str, shards: int) -> int:
  """Which of `shards` files a record belongs to."""
  return int.from_bytes(hashlib.blake2b(image_id.encode(), digest_size=8).digest(), "big") % shards


def shards_for(count: int, per_shard: int = 1000) -> int:
  """A number of files that keeps each to about `per_shard` records."""
  return max(1, -(-count // per_shard))


@contextlib.contextmanager
def open_shard(path: str) -> Iterator[tf.io.TFRecordWriter]:
  """Opens a split's file for writing; it is there once it is complete.

  Until the block ends, the records go to a file beside the split's folder,
  for TFX takes every file inside for a finished one. An error in the block
  leaves nothing behind. A file without records is valid and empty.

  Args:
    path: `shard_path`; a file that is there already is replaced.
  """
  folder, name = os.path.split(path)
  unfinished = f"{folder}-{name}-{uuid.uuid4().hex}"
  tf.io.gfile.makedirs(folder)
  try:
    with tf.io.TFRecordWriter(unfinished, tf.io.TFRecordOptions("GZIP")) as writer:
      yield writer
  except BaseException:
    tf.io.gfile.remove(unfinished)
    raise
  tf.io.gfile.rename(unfinished, path, overwrite=True)
