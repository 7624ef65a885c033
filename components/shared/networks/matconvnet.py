"""Layers out of a network of MatConvNet, saved by MATLAB."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from components.shared.core import errors
from components.shared.networks import mat5

_HEADER = b"MATLAB 5.0 MAT-file"
_HEADER_OF_HDF5 = b"MATLAB 7.3 MAT-file"


def is_mat(path: os.PathLike) -> bool:
  """Whether a file says that MATLAB wrote it.

  Raises:
    UserError: there is no such file.
  """
  return _header(path).startswith((_HEADER, _HEADER_OF_HDF5))


def read(
  path: os.PathLike, kernels: Mapping[str, tuple[int, ...]], means: Sequence[float]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
  """Reads and checks the layers of a network.

  The file holds `layers`, or a struct `net` that does; a layer has its arrays
  in `weights`, or, in older files, in `filters` and `biases`.

  Args:
    path: of the file.
    kernels: shape of the kernel of each layer that has one: height, width,
      channels in, channels out.
    means: the mean colour that the file has to name if it names one.

  Returns:
    Kernel and bias by layer, float32.

  Raises:
    UserError: the file is cut or damaged, holds functions or objects, or is
      of another network; numbers are missing or not finite.
  """
  if _header(path).startswith(_HEADER_OF_HDF5):
    raise errors.UserError(
      f"{path} is in MATLAB's format 7.3; save it with -v7, as it was published"
    )
  network = _network(path)
  _check_means(path, network, means)
  layers = {
    name: _arrays(path, name, layer, kernels[name])
    for name, layer in _layers(path, network).items()
    if name in kernels
  }
  missing = [name for name in kernels if name not in layers]
  if missing:
    raise errors.UserError(
      f"{path} is of another network: it has no layer {missing[0]}"
      + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
    )
  return {name: layers[name] for name in kernels}


def _header(path: os.PathLike) -> bytes:
  try:
    with open(path, "rb") as file:
      return file.read(len(_HEADER))
  except FileNotFoundError:
    raise errors.UserError(f"{path}: there is no such weights file") from None
  except OSError as error:
    raise errors.UserError(f"{path}: {error.strerror}") from error


def _network(path: os.PathLike) -> Mapping[str, Any]:
  try:
    contents = mat5.read(path)
  except mat5.FormatError as error:
    raise errors.UserError(f"{path} is not a whole MATLAB file ({error}); get it again") from error
  except mat5.CodeError as error:
    raise errors.UserError(
      f"{path} holds functions or objects, which the published file does "
      f"not; it is not used ({error})"
    ) from error
  return _struct(contents.get("net")) or contents


def _struct(value: Any) -> Mapping[str, Any]:
  """A struct as such, or the only element of a cell; else an empty one."""
  if isinstance(value, list) and len(value) == 1:
    value = value[0]
  return value if isinstance(value, dict) else {}


def _layers(path: os.PathLike, network: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
  layers = network.get("layers")
  if not isinstance(layers, list):
    raise errors.UserError(f"{path} is of another network: it holds no `layers`")
  structs = [_struct(layer) for layer in layers]
  return {layer["name"]: layer for layer in structs if isinstance(layer.get("name"), str)}


def _arrays(
  path: os.PathLike, name: str, layer: Mapping[str, Any], shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
  weights = layer.get("weights")
  if not isinstance(weights, list) or len(weights) != 2:
    weights = [layer.get("filters"), layer.get("biases")]
  kernel = _numbers(path, f"{name}'s kernel", weights[0])
  bias = _numbers(path, f"{name}'s bias", weights[1])
  return (
    _checked(path, f"{name}'s kernel", kernel, shape),
    _checked(path, f"{name}'s bias", np.ravel(bias), shape[-1:]),
  )


def _numbers(path: os.PathLike, what: str, value: Any) -> np.ndarray:
  if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
    raise errors.UserError(f"{path}: {what} is not an array of numbers")
  return value


def _checked(path: os.PathLike, what: str, value: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
  # MATLAB drops trailing dimensions of 1; no kernel ends with one.
  if value.shape != tuple(shape):
    raise errors.UserError(
      f"{path} is of another network: {what} has the shape {value.shape} instead of {tuple(shape)}"
    )
  with np.errstate(over="ignore"):
    value = np.ascontiguousarray(value, np.float32)
  if not np.isfinite(value).all():
    raise errors.UserError(f"{path}: {what} holds NaN or infinite numbers")
  return value


def _check_means(path: os.PathLike, network: Mapping[str, Any], expected: Sequence[float]) -> None:
  normalization = _struct(network.get("normalization")) or _struct(
    _struct(network.get("meta")).get("normalization")
  )
  image = normalization.get("averageImage")
  if not isinstance(image, np.ndarray) or image.size % 3 or not image.size:
    return
  means = image.reshape(-1, 3).mean(axis=0)
  if not np.allclose(means, expected, atol=0.05):
    raise errors.UserError(
      f"{path} is of another network: its mean colour is "
      f"{np.round(means, 2).tolist()} instead of {list(expected)}"
    )
