"""Changes to faces that a gradient can pass through.

After Zhao et al. 2020 (arXiv:2006.10738): photos and generated faces are
changed alike before the discriminator sees them, so that it cannot learn a
small set of photos by heart, and the generator does not learn the changes.
"""

import tensorflow as tf

_SHIFT = 0.125  # of the side, as in the paper's `translation`
_SCALE = 0.1
_BRIGHTNESS = 0.4
_SATURATION = 0.5
_CONTRAST = 0.3
_CUT = 0.3  # side of the square that is blanked, of the image's


def mirror(images: tf.Tensor, mirrored: tf.Tensor) -> tf.Tensor:
  """Images [n, s, s, 3], left and right swapped where `mirrored` [n] is 1."""
  chosen = tf.reshape(mirrored, [-1, 1, 1, 1]) > 0.5
  return tf.where(chosen, tf.reverse(images, axis=[2]), images)


def change(images: tf.Tensor, draws: tf.Tensor, extent: float) -> tf.Tensor:
  """Shifted, scaled, coloured and partly blanked images.

  Args:
    images: float32 [n, s, s, 3] in [-1, 1].
    draws: float32 [n, 8] in [-1, 1); a row decides everything for its image.
    extent: 0 changes nothing, 1 as far as the constants above.

  Returns:
    float32 [n, s, s, 3]; what comes in from outside the image is grey (0).
  """
  if not extent:
    return images
  draws = draws * extent
  return _blank(_move(_colour(images, draws), draws), draws, extent)


def _colour(images: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
  brightness, saturation, contrast = (
      draws[:, i, None, None, None] for i in range(3))
  grey = tf.reduce_mean(images, axis=3, keepdims=True)
  images = grey + (images - grey) * (1.0 + _SATURATION * saturation)
  mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
  images = mean + (images - mean) * (1.0 + _CONTRAST * contrast)
  return images + _BRIGHTNESS * brightness


def _move(images: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
  side = images.shape[1]
  scale = 1.0 + _SCALE * draws[:, 3]
  down = _resampling(side, scale, draws[:, 4] * _SHIFT * side)
  across = _resampling(side, scale, draws[:, 5] * _SHIFT * side)
  images = tf.einsum("nij,njkc->nikc", down, images)
  return tf.einsum("nkj,nijc->nikc", across, images)


def _resampling(side: int, scale: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
  """Matrices [n, side, side] that resample a line linearly.

  Scaling and shifting along rows and columns are separate, so two products
  with such a matrix do it, and their gradient is exact and cheap.
  """
  centre = (side - 1) / 2.0
  positions = tf.range(side, dtype=tf.float32)
  sources = (centre + (positions[None] - centre) * scale[:, None]
             + shift[:, None])
  return tf.nn.relu(1.0 - tf.abs(sources[:, :, None] - positions[None, None]))


def _blank(images: tf.Tensor, draws: tf.Tensor, extent: float) -> tf.Tensor:
  side = images.shape[1]
  positions = tf.linspace(-1.0, 1.0, side)
  rows = tf.abs(positions[None] - draws[:, 6, None]) < _CUT * extent
  columns = tf.abs(positions[None] - draws[:, 7, None]) < _CUT * extent
  inside = rows[:, :, None, None] & columns[:, None, :, None]
  return tf.where(inside, 0.0, images)
