"""Layers out of a network of MatConvNet, saved by MATLAB.

Only numbers, texts, structs and cells are taken. MATLAB's files can also hold
functions and objects; one that does is refused, and none is ever called.
"""

import os
from typing import Any, Dict, Iterator, Mapping, Tuple

import numpy as np
from scipy.io import matlab

from components import errors

_HEADER = b"MATLAB 5.0 MAT-file"
_HEADER_OF_HDF5 = b"MATLAB 7.3 MAT-file"
_FUNCTIONS = "__function_workspace__"
_KINDS_OF_CODE = {"function", "object", "opaque"}  # as `whosmat` says
_MEANS = (129.1863, 104.7624, 93.5940)


def is_mat(path: os.PathLike) -> bool:
  """Whether a file says that MATLAB wrote it.

  Raises:
    UserError: there is no such file.
  """
  return _header(path).startswith((_HEADER, _HEADER_OF_HDF5))


def read(path: os.PathLike, kernels: Mapping[str, Tuple[int, ...]]
         ) -> Dict[str, Tuple[np.ndarray, np.ndarray]]:
  """Reads and checks the layers of a network.

  The file holds `layers`, or a struct `net` that does; a layer has its arrays
  in `weights`, or, in older files, in `filters` and `biases`.

  Args:
    path: of the file.
    kernels: shape of the kernel of each layer that has one: height, width,
      channels in, channels out.

  Returns:
    Kernel and bias by layer, float32.

  Raises:
    UserError: the file is cut or damaged, holds functions or objects, or is
      of another network; numbers are missing or not finite.
  """
  if _header(path).startswith(_HEADER_OF_HDF5):
    raise errors.UserError(
        f"{path} is in MATLAB's format 7.3; save it with -v7, as it was "
        "published")
  contents = _load(path)
  _check_means(path, contents)
  layers = {}
  for layer in _layers(path, contents):
    name = _text(getattr(layer, "name", ""))
    if name in kernels:
      layers[name] = _arrays(path, name, layer, kernels[name])
      layer.weights = layer.filters = None  # No second copy of all.
  missing = [name for name in kernels if name not in layers]
  if missing:
    raise errors.UserError(
        f"{path} is of another network: it has no layer {missing[0]}"
        + (f" and {len(missing) - 1} more" if len(missing) > 1 else ""))
  return layers


def _header(path: os.PathLike) -> bytes:
  try:
    with open(path, "rb") as file:
      return file.read(len(_HEADER))
  except FileNotFoundError:
    raise errors.UserError(f"{path}: there is no such weights file") from None
  except OSError as error:
    raise errors.UserError(f"{path}: {error.strerror}") from error


def _load(path: os.PathLike) -> Dict[str, Any]:
  try:
    contents = matlab.loadmat(os.fspath(path), struct_as_record=False,
                              variable_names=("layers", "net", "meta",
                                              "normalization"))
    kinds = {kind for _, _, kind in matlab.whosmat(os.fspath(path))}
  except Exception as error:  # SciPy raises many kinds for a damaged file.
    reason = " ".join(str(error).split())[:120]
    raise errors.UserError(
        f"{path} is not a whole MATLAB file ({reason}); get it again"
    ) from error
  if (_FUNCTIONS in contents or kinds & _KINDS_OF_CODE or any(
      _is_code(item) for item in contents.values())):
    raise errors.UserError(
        f"{path} holds functions or objects, which the published file does "
        "not; it is not used")
  return contents


def _is_code(item: Any) -> bool:
  """Whether there is a function or an object anywhere in it."""
  if isinstance(item, (matlab.MatlabFunction, matlab.MatlabOpaque,
                       matlab.MatlabObject)):
    return True
  if isinstance(item, matlab.mat_struct):
    return any(_is_code(value) for value in vars(item).values())
  if isinstance(item, np.ndarray) and item.dtype == object:
    return any(_is_code(value) for value in item.flat)
  return False


def _layers(path: os.PathLike, contents: Mapping[str, Any]
            ) -> Iterator[matlab.mat_struct]:
  layers = _field(contents, "layers")
  if not isinstance(layers, np.ndarray) or layers.dtype != object:
    raise errors.UserError(
        f"{path} is of another network: it holds no `layers`")
  for cell in layers.flat:
    layer = _only(cell)
    if isinstance(layer, matlab.mat_struct):
      yield layer


def _field(contents: Mapping[str, Any], name: str) -> Any:
  """A variable of the file, or the field of its `net`."""
  if name in contents:
    return contents[name]
  return getattr(_only(contents.get("net")), name, None)


def _only(value: Any) -> Any:
  """The one element of an array of one, as MATLAB has for a scalar."""
  while isinstance(value, np.ndarray) and value.dtype == object and (
      value.size == 1):
    value = value.flat[0]
  return value


def _text(value: Any) -> str:
  value = _only(value)
  return str(value.flat[0]) if isinstance(value, np.ndarray) and (
      value.size == 1) else ""


def _arrays(path: os.PathLike, name: str, layer: matlab.mat_struct,
            shape: Tuple[int, ...]) -> Tuple[np.ndarray, np.ndarray]:
  weights = getattr(layer, "weights", None)
  if isinstance(weights, np.ndarray) and weights.size == 2:
    kernel, bias = weights.flat
  else:
    kernel = getattr(layer, "filters", None)
    bias = getattr(layer, "biases", None)
  # MATLAB drops trailing dimensions of 1, never leading ones.
  kernel = _numbers(path, f"{name}'s kernel", kernel, shape)
  bias = _numbers(path, f"{name}'s bias", np.ravel(bias), shape[-1:])
  return kernel, bias


def _numbers(path: os.PathLike, what: str, value: Any,
             shape: Tuple[int, ...]) -> np.ndarray:
  if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
    raise errors.UserError(f"{path}: {what} is not an array of numbers")
  if value.shape != tuple(shape):
    raise errors.UserError(
        f"{path} is of another network: {what} has the shape {value.shape} "
        f"instead of {tuple(shape)}")
  with np.errstate(over="ignore"):
    value = np.ascontiguousarray(value, np.float32)
  if not np.isfinite(value).all():
    raise errors.UserError(f"{path}: {what} holds NaN or infinite numbers")
  return value


def _check_means(path: os.PathLike, contents: Mapping[str, Any]) -> None:
  """The file's own mean colour, where it says, has to be the published one."""
  normalization = _only(_field(contents, "normalization"))
  if normalization is None:
    normalization = _only(getattr(
        _only(_field(contents, "meta")), "normalization", None))
  image = getattr(normalization, "averageImage", None)
  if not isinstance(image, np.ndarray) or image.size % 3 or not image.size:
    return
  means = image.reshape(-1, 3).mean(axis=0)
  if not np.allclose(means, _MEANS, atol=0.05):
    raise errors.UserError(
        f"{path} is of another network: its mean colour is "
        f"{np.round(means, 2).tolist()} instead of {list(_MEANS)}")
