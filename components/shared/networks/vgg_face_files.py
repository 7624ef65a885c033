"""The published files of VGG-Face's weights, and how each is laid out.

Only arrays are read, by position or by name; what else a file holds is never
looked at. Shapes tell a file of another network, and most transposed arrays:
not those that are square (the inner 3x3 convolutions of equal width, fc7),
which only a published hash, or the numbers that come out, can tell.
"""

import dataclasses
import functools
import os
from collections.abc import Callable, Mapping

import numpy as np

from components.shared.core import errors
from components.shared.networks import keras_h5, matconvnet

Layer = tuple[np.ndarray, np.ndarray]
Shape = keras_h5.Shape

BLOCKS = ((3, 64, 2), (64, 128, 2), (128, 256, 3), (256, 512, 3), (512, 512, 3))
"""Channels in, channels out and number of convolutions of each block."""

CONVOLUTIONS: Mapping[str, Shape] = {
  f"conv{block}_{i}": (3, 3, inputs if i == 1 else filters, filters)
  for block, (inputs, filters, count) in enumerate(BLOCKS, start=1)
  for i in range(1, count + 1)
}
"""Kernels of the convolutions: height, width, channels in, channels out."""

FULLY_CONNECTED: Mapping[str, Shape] = {
  "fc6": (7, 7, 512, 4096),
  "fc7": (1, 1, 4096, 4096),
  "fc8": (1, 1, 4096, 2622),
}
"""Those of the fully-connected layers, as convolutions over the last map."""

DENSE: Mapping[str, Shape] = {
  name: (int(np.prod(shape[:3])), shape[3]) for name, shape in FULLY_CONNECTED.items()
}
"""The same as matrices: the map is flattened height, width, channel."""

_RGB_MEANS = (129.1863, 104.7624, 93.5940)
"""Mean colour of the network's training photos, 0 to 255."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layout:
  """How one publisher lays the weights out.

  Attributes:
    name: the publisher's.
    file: the published file's name.
    channels: the order of the first kernel's input channels.
    means: what is taken from each channel, 0 to 255, in that order.
    kernels: shape of each kernel.
    read: path and kernels' shapes to kernel and bias of each layer.
    sha256: of the published file, hex, where it is known.
  """

  name: str
  file: str
  channels: str
  means: tuple[float, float, float]
  kernels: Mapping[str, Shape]
  read: Callable[[os.PathLike, Mapping[str, Shape]], dict[str, Layer]]
  sha256: str | None = None


@dataclasses.dataclass(frozen=True)
class Weights:
  """Contents of a file.

  Attributes:
    layout: how they were laid out.
    layers: kernel and bias by layer, float32.
  """

  layout: Layout
  layers: Mapping[str, Layer]

  @property
  def rgb_means(self) -> np.ndarray:
    """The means in the order RGB, float32 [3]."""
    return np.asarray(self.layout.means, np.float32)[self._order]

  def to_rgb(self, kernel: np.ndarray) -> np.ndarray:
    """The first kernel, float32 [3, 3, 3, 64], for RGB input."""
    return kernel[:, :, self._order]

  @property
  def _order(self) -> list[int]:
    return [self.layout.channels.index(channel) for channel in "RGB"]


def _by_position(path: os.PathLike, kernels: Mapping[str, Shape]) -> dict[str, Layer]:
  return _from_keras(path, kernels, None)


def _by_name(path: os.PathLike, kernels: Mapping[str, Shape]) -> dict[str, Layer]:
  return _from_keras(path, kernels, list(kernels))


def _from_keras(
  path: os.PathLike, kernels: Mapping[str, Shape], layers: list[str] | None
) -> dict[str, Layer]:
  arrays = keras_h5.read_in_order(path, [(shape, shape[-1:]) for shape in kernels.values()], layers)
  return {name: (kernel, bias) for name, (kernel, bias) in zip(kernels, arrays, strict=True)}


DEEPFACE = Layout(
  name="deepface",
  file="vgg_face_weights.h5",
  # What deepface feeds it; how the file was made is not on record, and
  # deepface's issues 121 and 1457 leave the order in doubt.
  channels="BGR",
  # Its normalization "VGGFace". Its default, "base", feeds 0 to 1 without
  # taking the mean away, which is not what the network was trained on.
  means=_RGB_MEANS[::-1],
  kernels={**CONVOLUTIONS, **FULLY_CONNECTED},
  read=_by_position,  # Its layers have running numbers for names.
  sha256="759266b9614d0fd5d65b97bf716818b746cc77ab5944c7bffc937c6ba9455d8c",
)
KERAS_VGGFACE = Layout(
  name="keras-vggface",
  file="rcmalli_vggface_tf_vgg16.h5",
  channels="BGR",  # Its `preprocess_input` of version 1 turns RGB round.
  means=_RGB_MEANS[::-1],
  kernels={**CONVOLUTIONS, **DENSE},
  read=_by_name,
)
MATCONVNET = Layout(
  name="MatConvNet",
  file="vgg_face.mat",
  channels="RGB",  # As MATLAB's `imread` gives it.
  means=_RGB_MEANS,
  kernels={**CONVOLUTIONS, **FULLY_CONNECTED},
  read=functools.partial(matconvnet.read, means=_RGB_MEANS),
)

LAYOUTS = (DEEPFACE, KERAS_VGGFACE, MATCONVNET)


def read(path: os.PathLike) -> Weights:
  """Reads and checks a weights file of any layout.

  Raises:
    UserError: there is no such file; it is of no known kind; it is damaged or
      of another network; it holds numbers that are not finite.
  """
  return read_as(path, recognise(path))


def read_as(path: os.PathLike, layout: Layout) -> Weights:
  """Reads and checks a weights file of a known layout.

  Raises:
    UserError: as `read`.
  """
  return Weights(layout, layout.read(path, layout.kernels))


def recognise(path: os.PathLike) -> Layout:
  """Which layout a file has, by what it begins with and how fc6 is stored.

  Raises:
    UserError: there is no such file, or it is of no known kind.
  """
  if matconvnet.is_mat(path):
    return MATCONVNET
  if not keras_h5.is_hdf5(path):
    names = ", ".join(layout.file for layout in LAYOUTS)
    raise errors.UserError(
      f"{path} is neither an HDF5 nor a MATLAB file; VGG-Face's weights are one of {names}"
    )
  # A deepface file saved again with named layers has an `fc6`, too: the rank of its
  # kernel tells the layouts apart.
  matrices = [shape for shape in keras_h5.shapes_of(path, "fc6") if len(shape) == len(DENSE["fc6"])]
  return KERAS_VGGFACE if matrices else DEEPFACE
