"""Faces and embeddings as tf.Examples in sharded, gzipped TFRecords.

The one place that knows feature names, file names and record order.

| feature          | type  | where                                            |
|------------------|-------|--------------------------------------------------|
| image_id         | bytes | always: the photo's file name                    |
| image            | bytes | faces: an encoded image (JPEG)                   |
| embedding        | float | embeddings: the network's output, fixed width    |
| typicality       | float | embeddings, joined: cosine to the mean direction of `unlabeled` |
| domain           | bytes | always: `real` or `synthetic`                    |
| label_<attribute> | int64 | of an attribute to learn: 1 = has it, 0 = has not; absent = unknown |
| held_out_label_<attribute> | int64 | split `unlabeled` only: such an annotation that exists, for reports, never for learning |
| fold             | int64 | synthetic faces: the fold of labelled photos that it owes nothing to (`components.folds`) |
| <attribute>      | int64 | any other annotation, 1 / 0, absent = unknown    |
"""

import contextlib
import hashlib
import os
import re
from typing import (Dict, FrozenSet, Iterable, Iterator, List, Mapping,
                    Optional, Tuple, Union)
import uuid

import tensorflow as tf
from tfx.types import artifact_utils

IMAGE_ID = "image_id"
IMAGE = "image"
EMBEDDING = "embedding"
TYPICALITY = "typicality"
DOMAIN = "domain"
FOLD = "fold"
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


def label(attribute: str) -> str:
  """Name of the feature that holds an attribute's label."""
  return f"label_{attribute}"


def held_out_label(attribute: str) -> str:
  """Name of the feature that holds an attribute's label back."""
  return f"held_out_label_{attribute}"


def feature_names(attributes: Iterable[str]) -> FrozenSet[str]:
  """All names above, labels of these attributes included; what else a record
  has are other annotations."""
  return frozenset({
      IMAGE_ID, IMAGE, EMBEDDING, TYPICALITY, DOMAIN, FOLD,
      *(name(attribute) for attribute in attributes
        for name in (label, held_out_label))})


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


def copies(source_uri: str, split: str,
           target_uri: str) -> List[Tuple[str, str, str]]:
  """(split, file, file of that name in another artifact) for each file."""
  return [(split, path, os.path.join(split_folder(target_uri, split),
                                     os.path.basename(path)))
          for path in split_files(source_uri, split)]


def set_splits(artifact, splits: Iterable[str]) -> None:
  """Writes down on an Examples artifact which splits it has."""
  artifact.split_names = artifact_utils.encode_split_names(list(splits))


def dataset(artifact_uri: str, split: str) -> tf.data.Dataset:
  """The serialized tf.Examples of a split, streamed, in file order."""
  return tf.data.TFRecordDataset(
      split_files(artifact_uri, split), compression_type="GZIP")


def find(artifact_uri: str, split: str, image_id: str) -> Dict[str, Value]:
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
  for record in tf.data.TFRecordDataset(
      files, compression_type="GZIP").as_numpy_iterator():
    if wanted not in record:
      continue  # Most can be told without taking them apart.
    features = decode(record)
    if features[IMAGE_ID] == wanted:
      return features
  raise KeyError(image_id)


def shard_path(artifact_uri: str, split: str, shard: int,
               shards: int) -> str:
  """The file of a split's records whose `shard_of` is `shard`."""
  return os.path.join(split_folder(artifact_uri, split),
                      f"data_tfrecord-{shard:05d}-of-{shards:05d}.gz")


def shard_of(image_id: str, shards: int) -> int:
  """Which of `shards` files a record belongs to."""
  return int.from_bytes(
      hashlib.blake2b(image_id.encode(), digest_size=8).digest(),
      "big") % shards


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
    with tf.io.TFRecordWriter(
        unfinished, tf.io.TFRecordOptions("GZIP")) as writer:
      yield writer
  except BaseException:
    tf.io.gfile.remove(unfinished)
    raise
  tf.io.gfile.rename(unfinished, path, overwrite=True)
