"""Embeddings out of TFRecords, as arrays."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from components.shared.data import embeddings, examples, folds
from components.shared.learning import dense_labels, learning

RAW_EMBEDDING = "raw_embedding"
HELD_OUT_LABELS = "held_out_labels"

_BATCH = 4096
_FLAT = (examples.FOLD, examples.IMAGE_ID)

Arrays = dict[str, np.ndarray]


def load_transformed(patterns: Iterable[str], transform_output: tft.TFTransformOutput) -> Arrays:
  """Reads what Transform materialised, in the order of `image_id`.

  Args:
    patterns: globs of gzipped TFRecord files.
    transform_output: what Transform learned.

  Returns:
    `embedding` float32 [n, d], standardised; `labels` int64 [n, k], with
    `examples.UNKNOWN` where unknown; `fold` int64 [n], of synthetic
    faces; `image_id` bytes [n].
  """
  return _load(
    patterns,
    transform_output.transformed_feature_spec(),
    (examples.EMBEDDING, dense_labels.LABELS, examples.FOLD, examples.IMAGE_ID),
  )


def load_raw(
  patterns: Iterable[str], transform_output: tft.TFTransformOutput, attributes: Sequence[str]
) -> Arrays:
  """Reads embeddings as FaceEmbedder wrote them, and transforms them.

  Returns:
    As `load_transformed`, and `raw_embedding` float32 [n, d] and
    `held_out_labels` int64 [n, k], for reports.
  """
  layer = transform_output.transform_features_layer()

  def with_transformed(batch: dict[str, Any]) -> dict[str, Any]:
    return {
      RAW_EMBEDDING: batch[examples.EMBEDDING],
      HELD_OUT_LABELS: tf.concat(
        [dense_labels.dense(batch[examples.held_out_label(attribute)]) for attribute in attributes],
        1,
      ),
      **layer(batch),
    }

  return _load(
    patterns,
    transform_output.raw_feature_spec(),
    (
      examples.EMBEDDING,
      RAW_EMBEDDING,
      dense_labels.LABELS,
      HELD_OUT_LABELS,
      examples.FOLD,
      examples.IMAGE_ID,
    ),
    with_transformed,
  )


def load_photos(uri: str, attributes: Sequence[str], depths: int) -> dict[str, Arrays]:
  """Reads embeddings of photos, and puts them on the scale that Transform gives
  them later; what synthetic faces look like changes nothing of that.

  Args:
    uri: of Examples with the splits of photos.
    attributes: to learn, k of them.
    depths: of which an embedding is made.

  Returns:
    By split, in the order of `image_id`: `embedding` float32 [n, d],
    standardised; `labels` and `held_out_labels` int64 [n, k]; `image_id` bytes
    [n].
  """
  read = {split: _in_order(embeddings.read(uri, split)) for split in examples.REAL_SPLITS}
  width = read[examples.LABELED].embeddings.shape[1]
  rows = {split: part.embeddings.reshape(-1, width) for split, part in read.items()}
  moments = embeddings.moments(
    np.concatenate([rows[split] for split in (examples.LABELED, examples.UNLABELED)])
  )
  return {
    split: {
      examples.EMBEDDING: embeddings.on_one_scale(rows[split], moments, moments, depths),
      dense_labels.LABELS: part.annotations(map(examples.label, attributes)),
      HELD_OUT_LABELS: part.annotations(map(examples.held_out_label, attributes)),
      examples.IMAGE_ID: np.array(part.image_ids(), object),
      examples.FOLD: np.full(len(part.features), folds.NO_FOLD),
    }
    for split, part in read.items()
  }


def _in_order(part: embeddings.Embedded) -> embeddings.Embedded:
  """Sorted by `image_id`."""
  order = sorted(range(len(part.features)), key=part.image_ids().__getitem__)
  return part.rows(np.array(order, int))


def without_rows(arrays: Arrays) -> Arrays:
  """As if a split were empty."""
  return {name: values[:0] for name, values in arrays.items()}


def training_set(
  labeled: Arrays, synthetic: Arrays, unlabeled: Arrays, column: int, blocks: Sequence[int]
) -> learning.TrainingSet:
  """Loaded splits as a training set; of `unlabeled` only the embeddings.

  Args:
    labeled, synthetic, unlabeled: as loaded.
    column: of the labels, which attribute is to be learned.
    blocks: widths of an embedding's parts.
  """
  photos, of_photos = with_labels(labeled, column)
  faces, of_faces = with_labels(synthetic, column)
  return learning.TrainingSet(
    labeled=photos,
    synthetic=faces,
    unlabeled=unlabeled[examples.EMBEDDING],
    labeled_folds=folds.assign(labeled[examples.IMAGE_ID], labeled[dense_labels.LABELS])[of_photos],
    synthetic_folds=synthetic[examples.FOLD][of_faces],
    blocks=tuple(blocks),
  )


def with_labels(
  arrays: Arrays, column: int, labels: str = dense_labels.LABELS
) -> tuple[learning.Labeled, np.ndarray]:
  """The rows whose label is known, and a mask [n] of them."""
  values = arrays[labels][:, column]
  known = values != examples.UNKNOWN
  return learning.Labeled(arrays[examples.EMBEDDING][known], values[known]), known


def _load(
  patterns: Iterable[str],
  spec: dict[str, Any],
  names: Sequence[str],
  process: Callable[[dict[str, Any]], dict[str, Any]] = lambda b: b,
) -> Arrays:
  files = sorted(f for p in patterns for f in tf.io.gfile.glob(p))
  batches = tf.data.TFRecordDataset(files, compression_type="GZIP").batch(_BATCH)
  parts = {name: [] for name in names}
  # No rows first: they give the arrays of an empty split their shapes.
  for serialized in itertools.chain([tf.constant([], tf.string)], batches):
    processed = process(tf.io.parse_example(serialized, spec))
    for name in names:
      value = _dense(processed[name]).numpy()
      parts[name].append(value.reshape(-1) if name in _FLAT else value)
  found = {name: np.concatenate(parts[name]) for name in names}
  # Which file a record is in, and where, is left to the engine that wrote it.
  order = np.argsort(found[examples.IMAGE_ID], kind="stable")
  return {name: values[order] for name, values in found.items()}


def _dense(value: Any) -> tf.Tensor:
  if isinstance(value, tf.SparseTensor):
    return dense_labels.dense(value)
  return value
