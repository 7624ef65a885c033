"""Changes before the discriminator, and the random numbers behind them."""

import numpy as np
import tensorflow as tf

from components.shared.data import augment, draws


def _images(count: int = 2) -> tf.Tensor:
  return tf.constant(np.random.default_rng(0).uniform(-1, 1, [count, 16, 16, 3]), tf.float32)


def _row(**values) -> tf.Tensor:
  row = np.zeros([1, draws.AUGMENTATIONS], np.float32)
  row[0, 6:] = 5.0  # The blanked square lies outside.
  for column, value in values.items():
    row[0, int(column[1:])] = value
  return tf.constant(row)


def test_no_extent_changes_nothing():
  images = _images()
  draw = draws.draw(0, 0, 2, 4)["augment"]
  assert augment.change(images, draw, 0.0) is images


def test_zero_draws_change_nothing():
  images = _images(1)
  np.testing.assert_allclose(augment.change(images, _row(), 1.0), images, atol=1e-5)


def test_batches_are_changed_alike():
  images, draw = _images(6), draws.draw(0, 0, 2, 4)["augment"]
  np.testing.assert_allclose(
    augment.change(images, draw, 1.0),
    np.concatenate([augment.change(images[i : i + 2], draw, 1.0) for i in (0, 2, 4)]),
    atol=1e-6,
  )


def test_colours():
  """Saturation about the grey, contrast about the mean, then brightness."""
  images = _images(1)
  grey = np.mean(images, axis=3, keepdims=True)
  expected = grey + (images - grey) * 1.25
  expected = np.mean(expected) + (expected - np.mean(expected)) * 0.7 + 0.2
  np.testing.assert_allclose(
    augment.change(images, _row(_0=0.5, _1=0.5, _2=-1.0), 1.0), expected, atol=1e-5
  )


def test_shift_moves_whole_pixels():
  images = _images(1)
  moved = augment.change(images, _row(_4=1.0), 1.0)  # 2 of 16 pixels
  np.testing.assert_allclose(moved[0, :14], images[0, 2:], atol=1e-5)
  np.testing.assert_allclose(moved[0, 14:], np.zeros([2, 16, 3]))


def test_blanks_a_square():
  blanked = augment.change(tf.ones([1, 16, 16, 3]), _row(_6=0.0, _7=0.0), 1.0)
  assert float(tf.reduce_min(blanked[0, 7:9, 7:9])) == 0.0
  assert float(blanked[0, 7, 7, 0]) == 0.0
  assert float(blanked[0, 0, 0, 0]) == 1.0


def test_a_gradient_passes_through():
  images = _images()
  with tf.GradientTape() as tape:
    tape.watch(images)
    total = tf.reduce_sum(augment.change(images, draws.draw(0, 0, 2, 4)["augment"], 1.0) ** 2)
  assert float(tf.reduce_max(tf.abs(tape.gradient(total, images)))) > 0


def test_mirror_swaps_the_chosen_ones():
  images = _images()
  mirrored = augment.mirror(images, tf.constant([1.0, 0.0]))
  np.testing.assert_array_equal(mirrored[0], images[0, :, ::-1])
  np.testing.assert_array_equal(mirrored[1], images[1])


def test_draws_follow_from_seed_and_step_alone():
  one, again = draws.draw(1, 7, 4, 3), draws.draw(1, 7, 4, 3)
  for name in one:
    np.testing.assert_array_equal(one[name], again[name])
  for other in (draws.draw(1, 8, 4, 3), draws.draw(2, 7, 4, 3)):
    assert not np.allclose(one["noise"], other["noise"])
  assert not np.allclose(one["noise"], one["prior"])
