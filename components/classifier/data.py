"""Embeddings out of TFRecords, as arrays."""

from typing import Any, Callable, Dict, Iterable, Sequence

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from components import examples
from components import folds
from components.classifier import learning
from components.classifier import transform

RAW_EMBEDDING = "raw_embedding"

_BATCH = 4096
_DTYPES = {examples.LABEL: np.int64, examples.HELD_OUT_LABEL: np.int64,
           examples.FOLD: np.int64, examples.IMAGE_ID: object}

Arrays = Dict[str, np.ndarray]


def load_transformed(patterns: Iterable[str],
                     transform_output: tft.TFTransformOutput) -> Arrays:
  """Reads what Transform materialised, in file order.

  Args:
    patterns: globs of gzipped TFRecord files.
    transform_output: what Transform learned.

  Returns:
    `embedding` float32 [n, d], standardised; `label` int64 [n], with
    `transform.UNKNOWN_LABEL` where unknown; `fold` int64 [n], of synthetic
    faces; `image_id` bytes [n].
  """
  return _load(patterns, transform_output.transformed_feature_spec(),
               (examples.EMBEDDING, examples.LABEL, examples.FOLD,
                examples.IMAGE_ID))


def load_raw(patterns: Iterable[str],
             transform_output: tft.TFTransformOutput) -> Arrays:
  """Reads embeddings as FaceEmbedder wrote them, and transforms them.

  Returns:
    As `load_transformed`, and `raw_embedding` float32 [n, d] and
    `held_out_label` int64 [n], for reports.
  """
  layer = transform_output.transform_features_layer()

  def with_transformed(batch: Dict[str, Any]) -> Dict[str, Any]:
    return {RAW_EMBEDDING: batch[examples.EMBEDDING],
            examples.HELD_OUT_LABEL: batch[examples.HELD_OUT_LABEL],
            **layer(batch)}

  return _load(patterns, transform_output.raw_feature_spec(),
               (examples.EMBEDDING, RAW_EMBEDDING, examples.LABEL,
                examples.HELD_OUT_LABEL, examples.FOLD, examples.IMAGE_ID),
               with_transformed)


def training_set(labeled: Arrays, synthetic: Arrays,
                 unlabeled: Arrays) -> learning.TrainingSet:
  """Loaded splits as a training set; of `unlabeled` only the embeddings."""
  return learning.TrainingSet(
      labeled=with_labels(labeled), synthetic=with_labels(synthetic),
      unlabeled=unlabeled[examples.EMBEDDING],
      labeled_folds=folds.assign(labeled[examples.IMAGE_ID],
                                 labeled[examples.LABEL]),
      synthetic_folds=synthetic[examples.FOLD])


def with_labels(arrays: Arrays,
                label: str = examples.LABEL) -> learning.Labeled:
  """The rows whose label is known."""
  known = arrays[label] != transform.UNKNOWN_LABEL
  return learning.Labeled(arrays[examples.EMBEDDING][known],
                          arrays[label][known])


def _load(patterns: Iterable[str], spec: Dict[str, Any],
          names: Sequence[str],
          process: Callable[[Dict[str, Any]], Dict[str, Any]] = lambda b: b,
          ) -> Arrays:
  files = sorted(f for p in patterns for f in tf.io.gfile.glob(p))
  batches = tf.data.TFRecordDataset(files, compression_type="GZIP").batch(
      _BATCH).map(lambda serialized: tf.io.parse_example(serialized, spec))
  width = spec[examples.EMBEDDING].shape[-1]
  columns = {
      name: [np.zeros([0], _DTYPES[name]) if name in _DTYPES
             else np.zeros([0, width], np.float32)] for name in names}
  for batch in batches:
    processed = process(batch)
    for name, parts in columns.items():
      value = _dense(processed[name]).numpy()
      parts.append(value.reshape(-1) if name in _DTYPES else value)
  return {name: np.concatenate(parts) for name, parts in columns.items()}


def _dense(value: Any) -> tf.Tensor:
  if isinstance(value, tf.SparseTensor):
    return transform.dense(value)
  return value
