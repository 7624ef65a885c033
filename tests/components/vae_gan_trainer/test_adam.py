"""The fused optimizer gives what Keras's gives."""

import keras
import numpy as np
import tensorflow as tf

from components.vae_gan_trainer import adam


def test_equals_keras_with_averages():
  rng = np.random.default_rng(0)
  start = [rng.standard_normal(shape).astype(np.float32) for shape in ([3, 4], [4])]
  ours, averages, theirs = ([keras.Variable(value) for value in start] for _ in range(3))
  fused = adam.Adam(variables=ours, averages=averages, learning_rate=0.01, momentum=0.9)
  reference = keras.optimizers.Adam(0.01, beta_1=0.5, beta_2=0.99)
  expected = start
  for _ in range(5):
    gradients = [tf.constant(rng.standard_normal(value.shape), tf.float32) for value in start]
    fused.apply(gradients)
    reference.apply(gradients, theirs)
    expected = [
      0.9 * average + 0.1 * variable.numpy()
      for average, variable in zip(expected, theirs, strict=True)
    ]
  for a, b in zip(ours, theirs, strict=True):
    np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)
  for a, b in zip(averages, expected, strict=True):
    np.testing.assert_allclose(a.numpy(), b, rtol=1e-5, atol=1e-6)


def test_averages_that_follow_every_few_steps_keep_their_span():
  variable, average = keras.Variable([0.0]), keras.Variable([0.0])
  optimizer = adam.Adam(variables=[variable], averages=[average], learning_rate=0.01, momentum=0.98)
  expected, values = 0.0, []
  for _ in range(100):
    optimizer.apply([tf.constant([-1.0])])
    expected = 0.98 * expected + 0.02 * float(variable.numpy()[0])
    values.append(float(average.numpy()[0]))
  assert len(set(values)) == 1 + 100 // 2
  np.testing.assert_allclose(values[-1], expected, rtol=0.05)
