"""Arrays out of a Keras 2 HDF5 weights file, by layer name.

Only arrays are read. The file's `model_config` can hold marshalled bytecode
(Lambda layers); it is never looked at. Links that lead out of the file are
not followed, so what lies behind them counts as missing.
"""

import os
from typing import Dict, List, Mapping, Tuple

import h5py
import numpy as np

from components import errors

Shapes = Mapping[str, Mapping[str, Tuple[int, ...]]]
Arrays = Dict[str, Dict[str, np.ndarray]]

_SAVED_MODEL_GROUP = "model_weights"
"""Where `model.save` puts what `model.save_weights` puts at the top."""


def read(path: os.PathLike, shapes: Shapes) -> Arrays:
  """Reads and checks all arrays of a file.

  Args:
    path: a file made by Keras 2's `save` or `save_weights`.
    shapes: the shape of each variable of each layer that has any; the file
      has to hold these and no others.

  Returns:
    float32 arrays by layer and variable ("kernel", "bias", "beta" ...).

  Raises:
    UserError: not a whole HDF5 file; a layer or variable is missing, unknown,
      of another shape, not of numbers, or not finite.
  """
  try:
    with h5py.File(path, "r") as file:
      return _read(os.fspath(path), file, shapes)
  except FileNotFoundError:
    raise errors.UserError(f"{path}: there is no such weights file") from None
  except (OSError, RuntimeError) as error:
    # What the HDF5 library raises for a foreign, cut or damaged file.
    raise errors.UserError(
        f"{path} is not a whole HDF5 file ({_one_line(error)}); get it again"
    ) from error


def _read(path: str, file: h5py.File, shapes: Shapes) -> Arrays:
  root = file.get(_SAVED_MODEL_GROUP, file)
  found = {name: variables for name, variables in (
      (name, _datasets(root, name)) for name in root) if variables}
  _check_names(path, "layers", list(shapes), list(found))
  arrays = {}
  for layer, expected in shapes.items():
    _check_names(path, f"arrays of layer {layer}", list(expected),
                 list(found[layer]))
    arrays[layer] = {
        variable: _array(path, f"{layer}/{variable}", found[layer][variable],
                         shape)
        for variable, shape in expected.items()}
  return arrays


def _datasets(root: h5py.Group, layer: str) -> Dict[str, h5py.Dataset]:
  """A layer's arrays by variable name; `visititems` follows no links."""
  datasets = {}
  if not isinstance(root.get(layer, getlink=True), h5py.HardLink):
    return datasets
  group = root[layer]
  if isinstance(group, h5py.Group):

    def collect(name: str, item) -> None:
      if isinstance(item, h5py.Dataset):
        datasets[name.rsplit("/", 1)[-1].split(":")[0]] = item

    group.visititems(collect)
  return datasets


def _array(path: str, name: str, dataset: h5py.Dataset,
           shape: Tuple[int, ...]) -> np.ndarray:
  if dataset.shape != tuple(shape):
    raise errors.UserError(
        f"{path} is of another network: {name} has the shape {dataset.shape} "
        f"instead of {tuple(shape)}")
  if dataset.dtype.kind != "f" or dataset.external:
    raise errors.UserError(
        f"{path}: {name} does not hold floating-point numbers of its own")
  array = dataset[...].astype(np.float32)
  if not np.isfinite(array).all():
    raise errors.UserError(f"{path}: {name} holds NaN or infinite numbers")
  return array


def _check_names(path: str, what: str, expected: List[str],
                 found: List[str]) -> None:
  for problem, names in (("lacks", set(expected) - set(found)),
                         ("has unknown", set(found) - set(expected))):
    if names:
      first = sorted(names)[0]
      more = f" and {len(names) - 1} more" if len(names) > 1 else ""
      raise errors.UserError(
          f"{path} is of another network: it {problem} {what}: {first}{more}")


def _one_line(error: Exception) -> str:
  return " ".join(str(error).split())
