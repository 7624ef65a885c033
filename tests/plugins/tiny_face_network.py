"""A face network of a few thousand random numbers, as a package would bring it.

Its embedding is a random projection of a photo of 8 x 8 pixels: enough to tell
faces apart, and with it a whole pipeline costs what TFX costs.
"""

from components.shared.core import errors
from components.shared.networks.networks import FaceNetwork

_SIZE = 32
_WIDTH = 24


def network(output: str | None) -> FaceNetwork:
  """What the entry point names."""
  if output not in (None, "projection"):
    raise errors.UserError(f"embedder.output={output}: tiny has no such output")
  return FaceNetwork(
    name="tiny",
    output="projection",
    input_size=_SIZE,
    embedding_width=_WIDTH,
    licence="none: its numbers are random",
    build=_build,
    description="a random projection of 8 x 8 pixels",
  )


def _build():
  import keras  # Only where the network is built.

  pixels = keras.Input((_SIZE, _SIZE, 3), name="pixels")
  x = keras.layers.Rescaling(1 / 64, -2)(pixels)
  x = keras.layers.AveragePooling2D(4)(x)
  x = keras.layers.Flatten()(x)
  x = keras.layers.Dense(
    _WIDTH,
    kernel_initializer=keras.initializers.RandomNormal(stddev=0.1, seed=1),
    name="projection",
  )(x)
  return keras.Model(pixels, x, name="tiny")
