"""VGG-Face: 13 convolutions and 3 fully-connected layers, 2622 identities.

Architecture: Parkhi, Vedaldi and Zisserman, "Deep Face Recognition" (BMVC
2015), table 3, configuration D: 145,002,878 parameters. Layers carry the names
that they have there.
"""

import os

import keras

from components.shared.networks import networks, vgg_face_files
from components.shared.networks.networks import VGG_FACE_WIDTHS as WIDTHS

_CENTRE = "centre"


class Centre(keras.layers.Layer):
  """Takes the training set's mean colour from each pixel.

  It can't be made part of the first convolution's bias: that pads with zeros
  what has been centred.
  """

  def build(self, input_shape):
    self.means = self.add_weight(
      shape=(input_shape[-1],), name="means", trainable=False, initializer="zeros"
    )

  def call(self, pixels):
    return pixels - self.means


def build(output: str) -> keras.Model:
  """The network without its weights.

  Args:
    output: what it gives, see `WIDTHS`.

  Returns:
    float32 [n, 224, 224, 3] (RGB, 0 to 255) -> float32 [n, width].
  """
  return with_output(build_all(), output)


def with_output(model: keras.Model, output: str) -> keras.Model:
  """A model of `build_all` with one of its outputs, and the same weights."""
  return keras.Model(model.input, model.output[output], name=model.name)


def build_all() -> keras.Model:
  """The network without its weights, with all its outputs.

  Returns:
    float32 [n, 224, 224, 3] (RGB, 0 to 255) -> by output, float32 [n, width].
  """
  size = networks.named("vgg_face").input_size
  pixels = keras.Input((size, size, 3), name="pixels")
  x = Centre(name=_CENTRE)(pixels)
  for number, (_, filters, convolutions) in enumerate(vgg_face_files.BLOCKS, start=1):
    for i in range(1, convolutions + 1):
      x = keras.layers.Conv2D(
        filters,
        3,
        padding="same",
        activation="relu",
        kernel_initializer="he_normal",
        name=f"conv{number}_{i}",
      )(x)
    x = keras.layers.MaxPooling2D(2, name=f"pool{number}")(x)
  x = keras.layers.Flatten(name="flatten")(x)
  for name in ("fc6", "fc7"):
    x = keras.layers.Dense(
      WIDTHS["fc7"], activation="relu", kernel_initializer="he_normal", name=name
    )(x)
  scores = keras.layers.Dense(WIDTHS["fc8"], name="fc8")(x)
  outputs = {
    "fc8": scores,
    "prob": keras.layers.Softmax(name="prob")(scores),
    "fc7": keras.layers.UnitNormalization(name="descriptor")(x),
  }
  return keras.Model(pixels, outputs, name="vgg_face")


def load_weights(model: keras.Model, path: os.PathLike) -> str:
  """Fills a model of `build` from any of the published files.

  Returns:
    Name of the file's layout.

  Raises:
    UserError: the file is damaged, of another network or of none.
  """
  weights = vgg_face_files.read(path)
  fill(model, weights)
  return weights.layout.name


def fill(model: keras.Model, weights: vgg_face_files.Weights) -> None:
  """Fills a model of `build`: turns the first kernel to RGB, sets the means."""
  model.get_layer(_CENTRE).set_weights([weights.rgb_means])
  for name, (kernel, bias) in weights.layers.items():
    layers = [layer for layer in model.layers if layer.name == name]
    if name == "conv1_1":
      kernel = weights.to_rgb(kernel)
    for layer in layers:  # The descriptor's model has no fc8.
      layer.set_weights([kernel.reshape(layer.kernel.shape), bias])
