"""Encoder, generator and discriminator.

Plain convolutions of stride 2, as in Larsen et al. 2016, table 3, sized by the
settings. Two differences: images are never normalised over the batch, because
a step on several devices must equal the same step on one (each position is
scaled by the root mean square of its channels instead, Karras et al. 2018,
arXiv:1710.10196, section 4.2), and the generator's last step upsamples
straight to colours. A generator that starts as a DCGAN has the DCGAN's layers
(`settings.start`), its batch normalisation folded into them.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import keras

from components.shared.generators import dcgan
from components.vae_gan_trainer import settings as settings_lib

_SLOPE = 0.2
_GAIN = 2.0 / (1.0 + _SLOPE**2)
_COLOUR_GAIN = 0.01  # an untrained generator's faces are close to grey


class Networks(NamedTuple):
  """The three networks; images are float [n, s, s, 3] in [-1, 1].

  encoder: images -> (mean, log_variance), float32 [n, z] each.
  generator: codes, float [n, z] -> images, float32.
  discriminator: images -> (logit of being real, float32 [n, 1], then one
    feature map for each width, outermost first).
  """

  encoder: keras.Model
  generator: keras.Model
  discriminator: keras.Model


def build(settings: settings_lib.VaeGanSettings, precision: str = "float32") -> Networks:
  """New networks; the same settings give the same weights.

  Args:
    settings: sizes and seed.
    precision: name of a Keras dtype policy, such as `mixed_float16`. Weights
      and outputs are float32 under every policy.
  """
  layers = _Layers(keras.DTypePolicy(precision), itertools.count(1000 * settings.seed))
  return Networks(
    encoder=_encoder(settings, layers),
    generator=_generator(settings, layers),
    discriminator=_discriminator(settings, layers),
  )


def _encoder(settings: settings_lib.VaeGanSettings, layers: "_Layers") -> keras.Model:
  image = _image_input(settings)
  x = image
  for index, width in enumerate(settings.widths):
    x = layers.halve(x, width)
    x = layers.activate(x if index == 0 else layers.normalize(x))
  x = layers.flatten(x)
  outputs = [
    layers.dense(x, settings.latent_size, name="mean"),
    layers.dense(x, settings.latent_size, name="log_variance"),
  ]
  return keras.Model(image, outputs, name="encoder")


def _generator(settings: settings_lib.VaeGanSettings, layers: "_Layers") -> keras.Model:
  if settings.start is not None:
    return dcgan.build(folded=True, policy=layers.policy)
  code = keras.Input((settings.latent_size,), name="code")
  side = settings.image_size // 2 ** len(settings.widths)
  x = layers.spread(code, side, settings.widths[-1])
  x = layers.activate(layers.normalize(x))
  for width in reversed(settings.widths[:-1]):
    x = layers.activate(layers.normalize(layers.double(x, width)))
  x = layers.double(x, 3, gain=_COLOUR_GAIN)
  image = keras.layers.Activation("tanh", dtype="float32")(x)
  return keras.Model(code, image, name="generator")


def _discriminator(settings: settings_lib.VaeGanSettings, layers: "_Layers") -> keras.Model:
  image = _image_input(settings)
  x, features = image, []
  for width in settings.widths:
    x = layers.activate(layers.halve(x, width))
    features.append(x)
  x = layers.flatten(x)
  logit = layers.dense(x, 1, name="logit")
  return keras.Model(image, [logit, *features], name="discriminator")


def _image_input(settings: settings_lib.VaeGanSettings) -> keras.KerasTensor:
  side = settings.image_size
  return keras.Input((side, side, 3), name="image")


class _Layers:
  """The few layers that all three are made of.

  Kernels are drawn as He et al. 2015 have it for leaky rectifiers, from seeds
  in the order of building.
  """

  def __init__(self, policy: keras.DTypePolicy, seeds: Iterator[int]):
    self.policy = policy
    self._seeds = seeds

  def halve(self, x, width: int):
    return keras.layers.Conv2D(
      width, 4, 2, "same", kernel_initializer=self._kernel(), dtype=self.policy
    )(x)

  def double(self, x, width: int, gain: float = _GAIN):
    # Keras counts a transposed kernel's inputs as outputs, and only a quarter
    # of its positions reach any one pixel at stride 2.
    return keras.layers.Conv2DTranspose(
      width, 4, 2, "same", kernel_initializer=self._kernel(4.0 * gain, "fan_out"), dtype=self.policy
    )(x)

  def dense(self, x, width: int, name: str):
    """An output, in float32 under every policy."""
    return keras.layers.Dense(
      width, kernel_initializer=self._kernel(gain=1.0), dtype="float32", name=name
    )(x)

  def spread(self, code, side: int, width: int):
    x = keras.layers.Dense(
      side * side * width, kernel_initializer=self._kernel(gain=1.0), dtype=self.policy
    )(code)
    return keras.layers.Reshape((side, side, width), dtype=self.policy)(x)

  def flatten(self, x):
    return keras.layers.Flatten(dtype=self.policy)(x)

  def normalize(self, x):
    return keras.layers.RMSNormalization(dtype=self.policy)(x)

  def activate(self, x):
    return keras.layers.LeakyReLU(_SLOPE, dtype=self.policy)(x)

  def _kernel(self, gain: float = _GAIN, mode: str = "fan_in"):
    return keras.initializers.VarianceScaling(gain, mode, seed=next(self._seeds))
