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

  All of it but the blanking is linear in an image's rows and in its columns
  with their colours, so that two matrix products do it.

  Args:
    images: float32 [k * n, s, s, 3] in [-1, 1]: k batches of n.
    draws: float32 [n, 8] in [-1, 1); a row decides everything for its image
      of each batch.
    extent: 0 changes nothing, 1 as far as the constants above.

  Returns:
    float32 [k * n, s, s, 3]; what comes in from outside an image is grey (0).
  """
  if not extent:
    return images
  draws = draws * extent
  side, count = images.shape[1], tf.shape(draws)[0]
  lines = tf.reshape(images, [-1, count, side, 3 * side])
  scale = 1.0 + _SCALE * draws[:, 3]
  down = _resampling(side, scale, draws[:, 4] * _SHIFT * side)
  across = _resampling(side, scale, draws[:, 5] * _SHIFT * side)
  lines = tf.matmul(down, _brightened(lines, draws))
  lines = tf.matmul(lines, _joint(across, _mixing(draws)))
  lines *= _kept(side, draws, extent)
  return tf.reshape(lines, tf.shape(images))


def _contrast(draws: tf.Tensor) -> tf.Tensor:
  return 1.0 + _CONTRAST * draws[:, 2, None, None]


def _brightened(lines: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
  """What contrast and brightness add to [k, n, s, 3 s], before `_mixing`.

  Contrast c keeps an image's mean: c x + (1 - c) mean. `_mixing` multiplies
  every grey by c, hence the division.
  """
  contrast = _contrast(draws)
  mean = tf.reduce_mean(lines, axis=(2, 3), keepdims=True)
  brightness = _BRIGHTNESS * draws[:, 0, None, None]
  return lines + ((1.0 - contrast) * mean + brightness) / contrast


def _mixing(draws: tf.Tensor) -> tf.Tensor:
  """Matrices [n, 3, 3] of colours: contrast times saturation."""
  saturation = 1.0 + _SATURATION * draws[:, 1, None, None]
  return _contrast(draws) * (saturation * tf.eye(3) + (1.0 - saturation) / 3.0)


def _joint(across: tf.Tensor, mixing: tf.Tensor) -> tf.Tensor:
  """Both at once, for lines whose columns alternate between colours.

  Args:
    across: [n, s, s], new column by old.
    mixing: [n, 3, 3], symmetric.

  Returns:
    [n, 3 s, 3 s], old by new: the Kronecker product of both transposed.
  """
  side = across.shape[1]
  across = tf.repeat(tf.transpose(across, [0, 2, 1]), 3, axis=2)
  mixing = tf.tile(mixing, [1, 1, side])
  joint = across[:, :, None, :] * mixing[:, None, :, :]
  return tf.reshape(joint, [-1, 3 * side, 3 * side])


def _resampling(side: int, scale: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
  """Matrices [n, side, side], new by old, that resample a line linearly."""
  centre = (side - 1) / 2.0
  positions = tf.range(side, dtype=tf.float32)
  sources = centre + (positions[None] - centre) * scale[:, None] + shift[:, None]
  return tf.nn.relu(1.0 - tf.abs(sources[:, :, None] - positions[None, None]))


def _kept(side: int, draws: tf.Tensor, extent: float) -> tf.Tensor:
  """float32 [n, s, 3 s]: 0 in the blanked square, 1 elsewhere."""
  positions = tf.linspace(-1.0, 1.0, side)
  rows = tf.abs(positions - draws[:, 6, None]) < _CUT * extent
  columns = tf.abs(tf.repeat(positions, 3) - draws[:, 7, None]) < _CUT * extent
  return 1.0 - (tf.cast(rows, tf.float32)[:, :, None] * tf.cast(columns, tf.float32)[:, None, :])
