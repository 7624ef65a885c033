"""VGG-Face with random weights of the true shapes, in each publisher's layout.

The published weights can't be had everywhere and may not be passed on. What
is tested is that each layout is read right, for which any numbers do.
"""

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping, Sequence

import h5py
import numpy as np
from scipy.io import matlab

from components.shared.networks import vgg_face_files

Layers = dict[str, tuple[np.ndarray, np.ndarray]]

_LESS = 8
_KERNELS = {**vgg_face_files.CONVOLUTIONS, **vgg_face_files.FULLY_CONNECTED}


def narrow(kernels: Mapping[str, vgg_face_files.Shape]) -> dict[str, vgg_face_files.Shape]:
  """Shapes of a network with an eighth of the channels: 9 MB and not 580."""

  def fewer(shape: vgg_face_files.Shape) -> vgg_face_files.Shape:
    *sides, channels_in, channels_out = shape
    return (
      *sides,
      channels_in if channels_in == 3 else channels_in // _LESS,
      channels_out // _LESS,
    )

  return {name: fewer(shape) for name, shape in kernels.items()}


def read_narrow(path: pathlib.Path) -> vgg_face_files.Weights:
  """What `vgg_face_files.read` does, of a network that is so narrow."""
  layout = vgg_face_files.recognise(path)
  return vgg_face_files.read_as(path, dataclasses.replace(layout, kernels=narrow(layout.kernels)))


def layers(seed: int = 0, kernels: Mapping[str, vgg_face_files.Shape] = _KERNELS) -> Layers:
  """Kernel and bias by layer, scaled so that activations are about 1."""
  rng = np.random.default_rng(seed)
  made = {}
  for name, shape in kernels.items():
    # He et al., "Delving Deep into Rectifiers" (2015), section 2.2.
    scale = np.float32(np.sqrt(2 / np.prod(shape[:3])))
    if name == "conv1_1":
      scale /= 64  # About what pixels, 0 to 255, deviate from their mean.
    kernel = rng.standard_normal(shape, np.float32)
    kernel *= scale
    made[name] = (kernel, rng.uniform(-0.5, 0.5, shape[3]).astype(np.float32))
  return made


def narrow_layers() -> Layers:
  """Those of a network that is so narrow."""
  return layers(kernels=narrow(_KERNELS))


def convolutions(random: Layers) -> Layers:
  """Those alone."""
  return {name: random[name] for name in vgg_face_files.CONVOLUTIONS}


def write_deepface(
  path: pathlib.Path, random: Layers, names: Sequence[str] | None = None
) -> pathlib.Path:
  """`save_weights` of a Sequential whose layers have running numbers.

  Args:
    path: of the new file.
    random: the layers.
    names: what they are called in place of that.
  """
  names = names or [f"conv2d_{number}" for number in range(1, len(random) + 1)]
  with h5py.File(path, "w") as file:
    file.attrs["layer_names"] = _ascii(["zero_padding2d_1", *names, "flatten_1", "activation_1"])
    for name in ("zero_padding2d_1", "flatten_1", "activation_1"):
      file.create_group(name).attrs["weight_names"] = np.array([], "S1")
    for name, (kernel, bias) in zip(names, random.values(), strict=True):
      _write_layer(file, name, {"kernel:0": kernel, "bias:0": bias})
  return path


def write_keras_vggface(
  path: pathlib.Path, random: Layers, *, names: tuple[str, str] = ("kernel:0", "bias:0")
) -> pathlib.Path:
  """`save_weights` of a model with named layers, the last three Dense.

  Args:
    path: of the new file.
    random: the layers.
    names: of their arrays, in Keras 2; Keras 1 had others.
  """
  with h5py.File(path, "w") as file:
    file.attrs["layer_names"] = _ascii(["input_1", *random])
    file.create_group("input_1").attrs["weight_names"] = np.array([], "S1")
    for name, (kernel, bias) in random.items():
      if name in vgg_face_files.DENSE:
        kernel = kernel.reshape(-1, kernel.shape[-1])
      _write_layer(file, name, dict(zip(names, (kernel, bias), strict=True)))
  return path


def write_matconvnet(
  path: pathlib.Path,
  random: Layers,
  *,
  old: bool = False,
  means: Iterable[float] = (129.1863, 104.7624, 93.594),
  more: Mapping[str, object] = {},
) -> pathlib.Path:
  """A network as MATLAB saves it.

  Args:
    path: of the new file.
    random: the layers.
    old: with `filters` and `biases` in a struct `net`, as at first.
    means: the mean colour that it states.
    more: other variables.
  """
  cells = np.empty((1, 2 * len(random)), object)
  for i, (name, (kernel, bias)) in enumerate(random.items()):
    arrays = (
      {"filters": kernel, "biases": bias[np.newaxis]}
      if old
      else {"weights": _cell(kernel, bias[:, np.newaxis])}
    )
    cells[0, 2 * i] = {"name": name, "type": "conv", **arrays}
    cells[0, 2 * i + 1] = {"name": f"relu_{name}", "type": "relu"}
  normalization = {
    "imageSize": np.array([[224.0, 224.0, 3.0]]),
    "averageImage": np.array(means, np.float32).reshape(1, 1, 3),
  }
  contents = (
    {"net": {"layers": cells, "normalization": normalization}}
    if old
    else {"layers": cells, "meta": {"normalization": normalization}}
  )
  matlab.savemat(path, {**contents, **more})
  return path


def _write_layer(file: h5py.File, name: str, arrays: Mapping[str, np.ndarray]) -> None:
  group = file.create_group(name)
  group.attrs["weight_names"] = _ascii(f"{name}/{key}" for key in arrays)
  for key, array in arrays.items():
    group.create_dataset(f"{name}/{key}", data=array)


def _cell(*values: np.ndarray) -> np.ndarray:
  cell = np.empty((1, len(values)), object)
  for i, value in enumerate(values):
    cell[0, i] = value
  return cell


def _ascii(names: Iterable[str]) -> np.ndarray:
  return np.array([name.encode() for name in names])
