"""Transform's preprocessing: embeddings on one scale, without labels.

Synthetic faces are not quite faces: their embeddings sit elsewhere and spread
differently. Each domain is centred by its own mean and gets the photos' spread,
so that a classifier which learned on one meets the other at the same mean and
variance in every dimension. What dimensions vary by among photos stays as it
is: it says which of them matter. All is divided by one number, so that each of
the depths that an embedding is made of has a variance of 1 in all.

    z = (x - mean_domain) deviation_photos / (deviation_domain scale)
    scale = sqrt(sum of variances of photos / number of depths)

No label is looked at.

The analysers see `labeled`, `unlabeled` and `synthetic_train`; the pipeline
keeps `hand_labeled` from them.
"""

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from components.shared.data import embeddings, examples

LABELS = "labels"
"""The transformed feature that holds all attributes' labels."""
UNKNOWN_LABEL = -1
"""What an absent label becomes, since transformed features are dense."""

ANALYZED_SPLITS = (examples.LABELED, examples.UNLABELED, examples.SYNTHETIC_TRAIN)


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, Any]:
  """TFT's entry point.

  Args:
    inputs: `embedding` float32 [n, d], `domain` string [n, 1], `image_id`
      string [n, 1], `label_<attribute>` and `fold` int64, sparse or dense.
    custom_config: `attributes`, the names of the k attributes to learn, and
      `depths`, how many an embedding is made of. The rest is only part of the
      cache key.

  Returns:
    `embedding` float32 [n, d], on one scale; `labels` int64 [n, k], 1, 0 or
    `UNKNOWN_LABEL`; `fold` int64 [n, 1], likewise; `synthetic` int64 [n, 1];
    `image_id` string [n, 1]. Labels that are held out and other annotations
    are left behind.
  """
  embedding = inputs[examples.EMBEDDING]
  synthetic = tf.cast(tf.equal(inputs[examples.DOMAIN], examples.SYNTHETIC), tf.float32)
  real_mean, real_deviation = _moments(embedding, 1.0 - synthetic)
  other_mean, other_deviation = _moments(embedding, synthetic)
  scale = tf.sqrt(tf.reduce_sum(tf.square(real_deviation)) / custom_config["depths"])
  standardized = tf.where(
    synthetic > 0.5,
    (embedding - other_mean) * (real_deviation / (other_deviation * scale)),
    (embedding - real_mean) / scale,
  )
  return {
    examples.EMBEDDING: standardized,
    LABELS: tf.concat(
      [dense(inputs[examples.label(attribute)]) for attribute in custom_config["attributes"]], 1
    ),
    examples.FOLD: dense(inputs[examples.FOLD]),
    "synthetic": tf.cast(synthetic, tf.int64),
    examples.IMAGE_ID: inputs[examples.IMAGE_ID],
  }


def _moments(values: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
  """Mean and deviation [d] over the data set of the rows that weigh 1.

  From sums of values and of their squares, so that one pass over the data is
  enough; in float64, where their difference loses nothing that matters.
  """
  values = tf.cast(values, tf.float64)
  weights = tf.cast(weights, tf.float64)
  count = tf.maximum(tft.sum(tf.reshape(weights, [-1])), 1.0)
  mean = tft.sum(values * weights, reduce_instance_dims=False) / count
  square = tft.sum(tf.square(values) * weights, reduce_instance_dims=False) / count
  deviation = tf.sqrt(tf.maximum(square - tf.square(mean), 0.0))
  return tf.cast(mean, tf.float32), tf.cast(deviation, tf.float32) + embeddings.EPSILON


def dense(values: Any) -> tf.Tensor:
  """int64 [n, 1]; `UNKNOWN_LABEL` where the sparse values have none."""
  if isinstance(values, tf.SparseTensor):
    values = tf.SparseTensor(values.indices, values.values, [values.dense_shape[0], 1])
    return tf.sparse.to_dense(values, default_value=UNKNOWN_LABEL)
  return values
