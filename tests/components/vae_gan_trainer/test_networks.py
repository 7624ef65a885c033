"""Shapes, seeds, and that images in a batch do not see each other."""

import numpy as np
import pydantic
import pytest
import tensorflow as tf

from components.vae_gan_trainer import networks
from components.vae_gan_trainer import settings as settings_lib


@pytest.mark.parametrize(
  "size, widths", [(16, (4, 8)), (24, (4, 8, 8)), (32, (4,)), (64, (2, 2, 2, 2, 2, 2))]
)
def test_shapes(size, widths):
  built = networks.build(settings_lib.VaeGanSettings(image_size=size, latent_size=5, widths=widths))
  images = tf.zeros([3, size, size, 3])
  mean, log_variance = built.encoder(images)
  logit, *features = built.discriminator(images)
  assert mean.shape == log_variance.shape == (3, 5)
  assert built.generator(mean).shape == images.shape
  assert logit.shape == (3, 1)
  assert [f.shape for f in features] == [
    (3, size >> (i + 1), size >> (i + 1), w) for i, w in enumerate(widths)
  ]


def test_sizes_that_do_not_fit_are_refused():
  with pytest.raises(pydantic.ValidationError, match="not a multiple of 16"):
    settings_lib.VaeGanSettings(image_size=40, widths=(4, 4, 4, 4))


def test_the_seed_decides_the_weights(small):
  one, same, other = (
    networks.build(small(seed=seed)).generator.get_weights() for seed in (3, 3, 4)
  )
  for a, b in zip(one, same, strict=True):
    np.testing.assert_array_equal(a, b)
  assert any((a != b).any() for a, b in zip(one, other, strict=True))


def test_a_photo_does_not_depend_on_its_batch(small):
  built = networks.build(small())
  rng = np.random.default_rng(0)
  images = tf.constant(rng.uniform(-1, 1, [4, 16, 16, 3]), tf.float32)
  together = built.encoder(images)[0]
  alone = built.encoder(images[:1])[0]
  np.testing.assert_allclose(together[:1], alone, atol=1e-5)


def test_an_untrained_generator_is_near_grey(small):
  codes = tf.random.stateless_normal([16, 8], [1, 2])
  faces = networks.build(small()).generator(codes)
  assert float(tf.reduce_max(tf.abs(faces))) < 0.9
  assert float(tf.math.reduce_std(faces)) > 0.001


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_outputs_and_weights_stay_float32_in_mixed_precision(small, policy):
  built = networks.build(small(), policy)
  images = tf.zeros([2, 16, 16, 3])
  assert built.encoder(images)[0].dtype == tf.float32
  assert built.generator(tf.zeros([2, 8])).dtype == tf.float32
  assert built.discriminator(images)[0].dtype == tf.float32
  assert all(w.dtype == "float32" for net in built for w in net.weights)
