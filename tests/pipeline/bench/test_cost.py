"""Operations are counted as a person would."""

import pytest

from components.vae_gan_trainer import networks
from components.vae_gan_trainer import settings as settings_lib
from devtools.bench import cost, photo_count
from pipeline import config as config_lib
from pipeline import experiments

SETTINGS = settings_lib.VaeGanSettings(
  image_size=32, latent_size=16, widths=(64, 128), batch_size=4, epochs=3
)


def convolution(side, inputs, outputs):
  """Multiplications and additions of a 4 x 4 kernel at stride 2, with `side`
  that of the smaller image."""
  return 2 * 16 * side * side * inputs * outputs


ENCODE = convolution(16, 3, 64) + convolution(8, 64, 128)


def test_decoding():
  by_hand = 2 * 16 * 8 * 8 * 128 + convolution(8, 128, 64) + convolution(16, 64, 3)
  counted = cost.operations(networks.build(SETTINGS).generator, [1, 16])
  # The count has biases and normalisations, too.
  assert by_hand < counted < 1.1 * by_hand


def test_training_step():
  """Forward: an encoder, two generators, three discriminators. Backward, each
  costs as much again for its kernels and for its inputs, which photos don't
  need, and what the generator learns from the discriminator goes through it
  twice more."""
  encoder = ENCODE + 2 * 2 * 8 * 8 * 128 * 16
  generator = 2 * 16 * 8 * 8 * 128 + ENCODE
  forward = encoder + 2 * generator + 3 * ENCODE
  counted = cost.step_operations(SETTINGS)
  by_hand = 3 * forward + 2 * ENCODE
  assert 0.9 * by_hand < counted < 1.3 * by_hand


def test_all_of_it():
  config = config_lib.with_values(
    config_lib.Config(generator=SETTINGS),
    {"direction.samples": 100, "synthetic.train_faces": 50, "synthetic.eval_faces": 10},
  )
  found = cost.work(config, photos=1000)
  assert (found.trained, found.decoded, found.embedded) == (3000, 160, 1160)
  assert found.operations == pytest.approx(
    found.step * 3000 + found.decode * 160 + found.embed * 1160
  )
  # FaceNet's authors count 1.6 billion multiplications for a network like it.
  assert 2e9 < found.embed < 4e9
  larger = cost.work(config_lib.with_values(config, {"generator.batch_size": 8}), photos=1000)
  images = 32 * 32 * 3 * 4
  assert larger.bytes - found.bytes > 4 * 6 * images


def test_photos_are_those_that_the_generator_learns_from():
  assert photo_count.of(experiments.load("sample")) == 406
  assert photo_count.of(experiments.load("celeba")) == 202_499


def test_command(invoke):
  done = invoke(
    "cost",
    "celeba",
    "--photos",
    "5000",
    "--set",
    "generator.image_size=32",
    "--set",
    "generator.widths=[16, 32]",
    "--set",
    "generator.epochs=2",
  )
  assert done.status == 0, done.errors
  assert done.printed.startswith("celeba: 5,000 photos, 2 epochs")
  for word in ("counted", "estimated", "measured", "assumed", "A100"):
    assert word in done.printed
