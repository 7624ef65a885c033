"""The terms that a VAE-GAN minimises, one value for each photo.

Every function takes a batch and returns float32 [n]: the caller divides the
sum by the size of the whole batch, over all devices, so that a step on several
devices is the same step.
"""

from collections.abc import Sequence

import tensorflow as tf

_TINY = 1e-8


def kl(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
  """Divergence of each latent dimension from the prior, in nats.

  KL(N(mean, variance) || N(0, 1)) = (mean^2 + variance - 1 - log variance) / 2
  (Kingma & Welling 2014, arXiv:1312.6114, appendix B).

  Args:
    mean, log_variance: float [n, z].

  Returns:
    float [n, z], at least 0.
  """
  return 0.5 * (tf.square(mean) + tf.exp(log_variance) - 1.0 - log_variance)


def nll(code: tf.Tensor, mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
  """-log N(code; mean, variance) of each dimension, in nats.

  Without the constant log(2 pi) / 2. All float [n, z].
  """
  return 0.5 * (tf.math.squared_difference(code, mean) * tf.exp(-log_variance) + log_variance)


def pixel(real: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
  """Mean squared difference of the pixels of [n, s, s, 3] images in [-1, 1]."""
  return tf.reduce_mean(tf.math.squared_difference(real, made), axis=(1, 2, 3))


def feature(real: Sequence[tf.Tensor], made: Sequence[tf.Tensor]) -> tf.Tensor:
  """Learned similarity: distance in the discriminator's features.

  Larsen et al. 2016 take the squared distance at one layer. A discriminator
  without batch normalisation is free to change the scale of its features and
  with it the weight of this term, so features are first brought to length 1
  over the channels at each position, and the mean over all layers is taken
  (as Zhang et al. 2018, arXiv:1801.03924, equation 1, without their learned
  channel weights).

  Args:
    real, made: feature maps, [n, h, w, c] each, of the photos and of their
      reconstructions.

  Returns:
    float [n], between 0 and 4.
  """
  distances = [
    tf.reduce_mean(_unit_distance(tf.cast(a, tf.float32), tf.cast(b, tf.float32)), axis=(1, 2))
    for a, b in zip(real, made, strict=True)
  ]
  return tf.add_n(distances) / len(distances)


def _unit_distance(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
  """Squared distance of vectors, both brought to length 1.

  Written with their products, |a|^2 + |b|^2 - 2 ab, so that nothing as wide
  as they are has to be kept for the gradient.
  """
  aa, bb, ab = (tf.reduce_sum(x * y, axis=-1) for x, y in ((a, a), (b, b), (a, b)))
  a_scale, b_scale = tf.math.rsqrt(aa + _TINY), tf.math.rsqrt(bb + _TINY)
  return aa * tf.square(a_scale) + bb * tf.square(b_scale) - 2.0 * ab * a_scale * b_scale


def discriminator(real: tf.Tensor, reconstructed: tf.Tensor, sampled: tf.Tensor) -> tf.Tensor:
  """Cross-entropy of telling photos from the generator's two kinds of faces.

  Args:
    real, reconstructed, sampled: logits of being real, [n, 1]: of photos, of
      their reconstructions, of decoded samples of the prior.

  Returns:
    float [n]; 2 ln 2 for a discriminator that cannot tell.
  """
  fake = 0.5 * (tf.nn.softplus(reconstructed) + tf.nn.softplus(sampled))
  return tf.squeeze(tf.nn.softplus(-real) + fake, axis=-1)


def adversarial(reconstructed: tf.Tensor, sampled: tf.Tensor) -> tf.Tensor:
  """What the generator minimises against the discriminator.

  The non-saturating form, -log D (Goodfellow et al. 2014, arXiv:1406.2661,
  section 3), which keeps its gradient where the discriminator is sure.

  Args:
    reconstructed, sampled: logits of being real, [n, 1].

  Returns:
    float [n]; ln 2 where the discriminator cannot tell.
  """
  return tf.squeeze(0.5 * (tf.nn.softplus(-reconstructed) + tf.nn.softplus(-sampled)), axis=-1)
