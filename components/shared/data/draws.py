"""The random numbers of a step, drawn from the seed and the step's number.

They travel with the batch, one row for each photo. A run that resumes at step
n therefore draws what the uninterrupted run drew at step n, and a batch that
is split over devices brings each photo its own numbers.
"""

import tensorflow as tf

AUGMENTATIONS = 8


def draw(seed: int, step: int | tf.Tensor, count: int, latent_size: int) -> dict[str, tf.Tensor]:
  """Random numbers for one step.

  Args:
    seed: of the run.
    step: number of the step, an int or int64 scalar.
    count: photos in the batch.
    latent_size: width of the latent space.

  Returns:
    noise: float32 [count, latent_size], normal, of the codes.
    prior: float32 [count, latent_size], normal, codes of sampled faces.
    mirrored: float32 [count], 0 or 1.
    augment: float32 [count, AUGMENTATIONS], uniform in [-1, 1).
  """
  step = tf.cast(step, tf.int64)
  keys = tf.random.split(tf.stack([tf.constant(seed, tf.int64), step]), num=4)
  return {
    "noise": tf.random.stateless_normal([count, latent_size], keys[0]),
    "prior": tf.random.stateless_normal([count, latent_size], keys[1]),
    "mirrored": tf.round(tf.random.stateless_uniform([count], keys[2])),
    "augment": tf.random.stateless_uniform([count, AUGMENTATIONS], keys[3], minval=-1.0),
  }
