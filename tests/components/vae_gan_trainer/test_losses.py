"""The terms of the loss, against values worked out by hand."""

import math

import numpy as np
import pytest
import tensorflow as tf

from components.vae_gan_trainer import losses


def test_kl_of_the_prior_is_zero():
  np.testing.assert_allclose(losses.kl(tf.zeros([3, 4]), tf.zeros([3, 4])), np.zeros([3, 4]))


def test_kl_equals_the_known_divergence_of_gaussians():
  mean, variance = 1.5, 0.25
  expected = 0.5 * (mean**2 + variance - 1 - math.log(variance))
  found = losses.kl(tf.constant([[mean]]), tf.constant([[math.log(variance)]]))
  assert float(found[0, 0]) == pytest.approx(expected, rel=1e-6)


def test_kl_agrees_with_samples():
  rng = np.random.default_rng(0)
  mean, deviation = 0.7, 0.4
  x = mean + deviation * rng.standard_normal(400_000)
  sampled = np.mean(-0.5 * ((x - mean) / deviation) ** 2 - np.log(deviation) + 0.5 * x**2)
  found = losses.kl(tf.constant([mean]), tf.constant([2 * math.log(deviation)]))
  assert float(found[0]) == pytest.approx(sampled, abs=0.01)


def test_nll_is_the_density_of_a_gaussian_without_its_constant():
  code, mean, variance = 1.5, 0.5, 0.25
  density = math.exp(-((code - mean) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
  found = losses.nll(*(tf.constant([[x]]) for x in (code, mean, math.log(variance))))
  assert float(found[0, 0]) == pytest.approx(
    -math.log(density) - 0.5 * math.log(2 * math.pi), rel=1e-6
  )


def test_pixel_is_the_mean_squared_difference_of_each_photo():
  real = tf.zeros([2, 4, 4, 3])
  made = tf.stack([tf.fill([4, 4, 3], 0.5), tf.fill([4, 4, 3], 1.0)])
  np.testing.assert_allclose(losses.pixel(real, made), [0.25, 1.0])


def test_feature_does_not_depend_on_the_scale_of_features():
  rng = np.random.default_rng(0)
  real = [tf.constant(rng.standard_normal([2, 4, 4, 8]), tf.float32)]
  made = [tf.constant(rng.standard_normal([2, 4, 4, 8]), tf.float32)]
  once = losses.feature(real, made)
  np.testing.assert_allclose(losses.feature(real, [100.0 * made[0]]), once, rtol=1e-4)
  np.testing.assert_allclose(losses.feature(real, real), [0.0, 0.0], atol=1e-6)


def test_feature_of_opposite_features_is_four():
  one = [tf.ones([1, 2, 2, 3]), tf.ones([1, 1, 1, 5])]
  np.testing.assert_allclose(losses.feature(one, [-x for x in one]), [4.0], rtol=1e-5)


def test_adversarial_terms_of_a_discriminator_that_cannot_tell():
  zero = tf.zeros([3, 1])
  np.testing.assert_allclose(
    losses.discriminator(zero, zero, zero), [2 * math.log(2)] * 3, rtol=1e-6
  )
  np.testing.assert_allclose(losses.adversarial(zero, zero), [math.log(2)] * 3, rtol=1e-6)


def test_adversarial_terms_pull_in_opposite_directions():
  sure, fooled = tf.fill([1, 1], -5.0), tf.fill([1, 1], 5.0)
  real = tf.fill([1, 1], 5.0)
  assert losses.discriminator(real, sure, sure) < losses.discriminator(real, fooled, fooled)
  assert losses.adversarial(sure, sure) > losses.adversarial(fooled, fooled)
