"""The plain loop learns what the trainer learns, and both can be timed."""

import math

import numpy as np
import pytest
import tensorflow as tf

from components.shared.data import draws
from components.vae_gan_trainer import settings as settings_lib
from components.vae_gan_trainer import training_step
from devtools.bench import keras_loop, vae_gan

_SETTINGS = settings_lib.VaeGanSettings(image_size=16, latent_size=8, widths=(8, 16), batch_size=8)


def _batch(step: int):
  images = np.random.default_rng(step).uniform(-1, 1, [8, 16, 16, 3])
  return {
    "image": tf.constant(images, tf.float32),
    **draws.draw(seed=0, step=step, count=8, latent_size=8),
  }


@pytest.fixture(scope="module")
def both():
  """Ours and the plain loop after three steps, and the losses of each."""
  learner = training_step.Learner(_SETTINGS, "float32")
  plain = keras_loop.VaeGan(_SETTINGS)
  ours, theirs = [], []
  for step in range(3):
    batch = _batch(step)
    ours.append(learner.replica_step(batch, 8))
    theirs.append(plain.learn(batch["image"], batch))
  return learner, plain, ours, theirs


def test_the_same_draws_give_the_same_losses_in_both(both):
  _, _, ours, theirs = both
  for a, b in zip(ours, theirs, strict=True):
    for name in ("feature", "pixel", "kl", "adversarial_loss", "discriminator"):
      assert float(a[name]) == pytest.approx(float(b[name]), rel=1e-4), name


@pytest.mark.parametrize("name", ["encoder", "generator", "discriminator"])
def test_the_same_draws_give_the_same_weights_in_both(both, name):
  """Up to rounding: Adam's first steps are as long for a tiny gradient."""
  learner, plain, _, _ = both
  for a, b in zip(
    getattr(learner.networks, name).get_weights(), getattr(plain, name).get_weights(), strict=True
  ):
    assert np.mean(np.abs(a - b)) < 0.01 * _SETTINGS.learning_rate


def test_both_are_timed(sample_photos, tmp_path):
  for path in sorted(sample_photos.iterdir())[100:120]:
    (tmp_path / path.name).symlink_to(path)
  measured = vae_gan.measure(tmp_path, steps=2, repeats=2, settings=_SETTINGS)
  assert [row.name for row in measured] == ["train/keras_loop", "train/vaegan"]
  for row in measured:
    assert len(row.rates) == 2
    assert all(rate > 0 and math.isfinite(rate) for rate in row.rates)
