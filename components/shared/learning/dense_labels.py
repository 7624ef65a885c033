"""Labels as Transform writes them: dense, of all attributes in one feature."""

from typing import Any

import tensorflow as tf

from components.shared.data import examples

LABELS = "labels"
"""The transformed feature that holds all attributes' labels."""


def dense(values: Any) -> tf.Tensor:
  """int64 [n, 1]; `examples.UNKNOWN` where the sparse values have none."""
  if isinstance(values, tf.SparseTensor):
    values = tf.SparseTensor(values.indices, values.values, [values.dense_shape[0], 1])
    return tf.sparse.to_dense(values, default_value=examples.UNKNOWN)
  return values
