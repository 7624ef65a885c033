"""Training that starts from a pretrained generator."""

import numpy as np
import pytest
import tensorflow as tf

from components.shared import assets
from components.shared.core import errors
from components.shared.core import settings as settings_module
from components.shared.data import draws
from components.shared.generators import dcgan, sources
from components.shared.generators import generator as saved_generator
from components.vae_gan_trainer import component, export, start, training_step
from components.vae_gan_trainer import settings as settings_lib

_NAME = "dcgan-digiface"


@pytest.fixture(scope="module")
def started():
  """started(**changes): settings that start from the DCGAN, and are short."""

  def _make(**changes) -> settings_lib.VaeGanSettings:
    return settings_lib.VaeGanSettings(
      **{
        **dict(
          start=_NAME,
          start_steps=1,
          latent_size=100,
          widths=(4, 4, 8, 8),
          epochs=1,
          batch_size=16,
          preview_epochs=1,
        ),
        **changes,
      }
    )

  return _make


@pytest.fixture(scope="module")
def generator():
  return start.pretrained(_NAME)


def _code_error(encoder, generator) -> float:
  codes = draws.draw(1, 0, 64, dcgan.LATENT_SIZE)["prior"]
  mean, _ = encoder(generator(codes))
  return float(tf.reduce_mean(tf.math.squared_difference(mean, codes)))


def test_the_encoder_learns_codes_that_it_has_not_seen(generator, started):
  """Better than the mean of all codes, whose error is 1."""
  before = [w.copy() for w in generator.get_weights()]
  settings = started(widths=(16, 32, 32, 64), start_steps=60, ema_momentum=0.9)
  encoder = start.learned_encoder(generator, settings)
  assert _code_error(encoder, generator) < 0.97
  for a, b in zip(before, generator.get_weights(), strict=True):
    np.testing.assert_array_equal(a, b)


def test_both_generators_and_encoders_begin_there(generator, started):
  settings = started(start_steps=2)
  learners = [training_step.Learner(settings, "float32") for _ in range(2)]
  for learner in learners:
    start.begin(learner, settings)
    for a, b in zip(generator.get_weights(), learner.averages.generator.get_weights(), strict=True):
      np.testing.assert_array_equal(a, b)
  one, same = learners
  for a, b in zip(
    one.averages.encoder.get_weights(), same.networks.encoder.get_weights(), strict=True
  ):
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_a_resumed_run_does_not_begin_again(make_training, started, monkeypatch):
  begun = []
  begin = start.begin
  monkeypatch.setattr(start, "begin", lambda *args: (begun.append(1), begin(*args)))
  settings = started(checkpoint_minutes=0)
  whole, killed = (make_training(settings, folder=f) for f in ("w", "killed"))
  whole.run()

  def kill(*args):
    raise KeyboardInterrupt

  monkeypatch.setattr(killed, "_tf_steps", kill)
  with pytest.raises(KeyboardInterrupt):
    killed.run()
  resumed = make_training(settings, folder="killed")
  assert resumed.step == 0
  resumed.run()
  assert len(begun) == 2
  assert whole.history[-1] == pytest.approx(resumed.history[-1], rel=1e-3)


def test_it_trains_in_half_precision(make_training, started):
  """Two steps; weights and faces stay float32."""
  run = make_training(started(mixed_precision="bfloat16", batch_size=32))
  run.run()
  generator = run.learner.averages.generator
  assert np.isfinite(run.history[-1]["generator_loss"])
  assert {w.dtype for w in generator.get_weights()} == {np.dtype("float32")}
  assert generator(tf.zeros([1, 100])).dtype == tf.float32


def test_exported_it_encodes_and_decodes(generator, started, tmp_path):
  settings = started()
  learner = training_step.Learner(settings, "float32")
  start.begin(learner, settings)
  export.save(learner.averages, settings, str(tmp_path))
  loaded = saved_generator.Generator(str(tmp_path))
  assert (loaded.image_size, loaded.latent_size) == (64, 100)
  assert loaded.has_encoder
  codes = np.random.default_rng(0).standard_normal([3, 100])
  expected = (generator.predict(codes, verbose=0) + 1) / 2 * 255
  np.testing.assert_allclose(loaded.decode(codes), expected, atol=1.0)


@pytest.mark.parametrize("wrong", [{"latent_size": 128}, {"image_size": 32}])
def test_sizes_that_contradict_are_refused(wrong):
  values = {"start": _NAME, "latent_size": 100, **wrong}
  with pytest.raises(
    errors.UserError,
    match="start=dcgan-digiface has sizes of its own: set "
    "generator.image_size=64 and generator.latent_size=100",
  ):
    settings_module.from_dict(settings_lib.VaeGanSettings, values)


def test_sizes_are_those_of_the_network():
  assert settings_lib.START_SIZES == {
    _NAME: {"image_size": dcgan.IMAGE_SIZE, "latent_size": dcgan.LATENT_SIZE}
  }
  assert set(settings_lib.START_SIZES) == set(sources.NAMES)


def test_the_weights_are_part_of_the_cache_key(started):
  def key(settings):
    return component.VaeGanTrainer(
      examples=component.types.Channel(type=component.standard_artifacts.Examples),
      settings=settings,
      checkpoint_root="",
    ).exec_properties["start_sha256"]

  assert key(settings_lib.VaeGanSettings()) is None
  assert key(started()) == assets.named(_NAME).file_sha256[:16]
