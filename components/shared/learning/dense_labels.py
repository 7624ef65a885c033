"""Labels as Transform writes them: dense, of all attributes in one feature."""

from typing import Any

import tensorflow as tf

LABELS = "labels"
"""The transformed feature that holds all attributes' labels."""
UNKNOWN_LABEL = -1
"""What an absent label becomes, since transformed features are dense."""


def dense(values: Any) -> tf.Tensor:
  """int64 [n, 1]; `UNKNOWN_LABEL` where the sparse values have none."""
  if isinstance(values, tf.SparseTensor):
    values = tf.SparseTensor(values.indices, values.values, [values.dense_shape[0], 1])
    return tf.sparse.to_dense(values, default_value=UNKNOWN_LABEL)
  return values
