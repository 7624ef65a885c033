"""Arrays out of a Keras 2 HDF5 weights file, by layer name.

Only arrays are read. The file's `model_config` can hold marshalled bytecode
(Lambda layers); it is never looked at. Links that lead out of the file are
not followed, so what lies behind them counts as missing.
"""

import contextlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence

import h5py
import numpy as np

from components.shared.core import errors

Shape = tuple[int, ...]
Shapes = Mapping[str, Mapping[str, Shape]]
Arrays = dict[str, dict[str, np.ndarray]]

_SAVED_MODEL_GROUP = "model_weights"
"""Where `model.save` puts what `model.save_weights` puts at the top."""
_DEEPEST = 20
_DAMAGED = (OSError, RuntimeError, KeyError, TypeError, ValueError, MemoryError)
"""What h5py raises, by the place, for a foreign, cut or damaged file."""


def is_hdf5(path: os.PathLike) -> bool:
  """Whether a file begins as HDF5 does."""
  return h5py.is_hdf5(path)


def shapes_of(path: os.PathLike, layer: str) -> list[Shape]:
  """Shapes of the arrays of a layer, none if there is no such layer.

  Raises:
    UserError: not a whole HDF5 file.
  """
  with _opened(path) as file:
    datasets = _datasets_by_path(_root(file), layer)
    return [dataset.shape for dataset in datasets.values()]


def read_in_order(
  path: os.PathLike, shapes: Sequence[Sequence[Shape]], layers: Sequence[str] | None = None
) -> list[list[np.ndarray]]:
  """Reads and checks all arrays of a file, whatever the arrays' names.

  Args:
    path: a file made by Keras 1's or 2's `save` or `save_weights`.
    shapes: the shapes of the arrays of each layer that has any, in the order
      in which the file lists the layer's arrays.
    layers: the layers' names; without them, layers with any names are taken in
      the order in which the file lists them.

  Returns:
    float32 arrays, in the order of `shapes`.

  Raises:
    UserError: as `read`.
  """
  name = os.fspath(path)
  with _opened(path) as file:
    root = _root(file)
    found = {
      layer: datasets
      for layer, datasets in (
        (layer, _datasets_in_order(root, layer)) for layer in _texts(root, "layer_names")
      )
      if datasets
    }
    if layers is not None:
      _check_names(name, "layers", list(layers), list(found))
    elif len(found) != len(shapes):
      raise errors.UserError(
        f"{name} is of another network: it has {len(found)} layers with "
        f"weights instead of {len(shapes)}"
      )
    return [
      _arrays_in_order(name, found[layer], expected)
      for layer, expected in zip(layers or found, shapes, strict=True)
    ]


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
  with _opened(path) as file:
    return _read(os.fspath(path), file, shapes)


@contextlib.contextmanager
def _opened(path: os.PathLike) -> Iterator[h5py.File]:
  try:
    with h5py.File(path, "r") as file:
      yield file
  except FileNotFoundError:
    raise errors.UserError(f"{path}: there is no such weights file") from None
  except _DAMAGED as error:
    raise errors.UserError(
      f"{path} is not a whole HDF5 file ({_one_line(error)}); get it again"
    ) from error


def _root(file: h5py.File) -> h5py.Group:
  link = file.get(_SAVED_MODEL_GROUP, getlink=True)
  if isinstance(link, h5py.HardLink) and isinstance(file[_SAVED_MODEL_GROUP], h5py.Group):
    return file[_SAVED_MODEL_GROUP]
  return file


def _read(path: str, file: h5py.File, shapes: Shapes) -> Arrays:
  root = _root(file)
  found = {
    name: variables
    for name, variables in ((name, _datasets(root, name)) for name in root)
    if variables
  }
  _check_names(path, "layers", list(shapes), list(found))
  arrays = {}
  for layer, expected in shapes.items():
    _check_names(path, f"arrays of layer {layer}", list(expected), list(found[layer]))
    arrays[layer] = {
      variable: _array(path, f"{layer}/{variable}", found[layer][variable], shape)
      for variable, shape in expected.items()
    }
  return arrays


def _texts(group: h5py.Group, attribute: str) -> list[str]:
  """An attribute that lists names; none if it is missing or no such list."""
  values = group.attrs.get(attribute)
  if not isinstance(values, np.ndarray) or values.dtype.kind not in "SO":
    return []
  return [
    value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in values
  ]


def _datasets_in_order(root: h5py.Group, layer: str) -> list[h5py.Dataset]:
  """A layer's arrays in the order that the file lists them in."""
  found = _datasets_by_path(root, layer)
  return (
    [found[name] for name in _texts(root[layer], "weight_names") if name in found] if found else []
  )


def _arrays_in_order(
  path: str, datasets: Sequence[h5py.Dataset], shapes: Sequence[Shape]
) -> list[np.ndarray]:
  if len(datasets) != len(shapes):
    raise errors.UserError(
      f"{path} is of another network: {datasets[0].parent.name} has "
      f"{len(datasets)} arrays instead of {len(shapes)}"
    )
  return [
    _array(path, dataset.name.lstrip("/"), dataset, shape)
    for dataset, shape in zip(datasets, shapes, strict=True)
  ]


def _datasets(root: h5py.Group, layer: str) -> dict[str, h5py.Dataset]:
  """A layer's arrays by variable name."""
  return {
    name.rsplit("/", 1)[-1].split(":")[0]: dataset
    for name, dataset in _datasets_by_path(root, layer).items()
  }


def _datasets_by_path(root: h5py.Group, layer: str) -> dict[str, h5py.Dataset]:
  """A layer's arrays by path; `visititems` follows no links."""
  datasets = {}
  if not isinstance(root.get(layer, getlink=True), h5py.HardLink):
    return datasets
  group = root[layer]
  if isinstance(group, h5py.Group):

    def collect(name: str, item) -> None:
      if name.count("/") > _DEEPEST:  # Each is looked for from the top.
        raise ValueError("its groups are nested too deep")
      if isinstance(item, h5py.Dataset):
        datasets[name] = item

    group.visititems(collect)
  return datasets


def _array(path: str, name: str, dataset: h5py.Dataset, shape: tuple[int, ...]) -> np.ndarray:
  if dataset.shape != tuple(shape):
    raise errors.UserError(
      f"{path} is of another network: {name} has the shape {dataset.shape} "
      f"instead of {tuple(shape)}"
    )
  if dataset.dtype.kind != "f" or dataset.external or dataset.is_virtual:
    raise errors.UserError(f"{path}: {name} does not hold floating-point numbers of its own")
  if dataset.chunks and math.prod(dataset.chunks) > 2 * dataset.size + 1024:
    raise errors.UserError(f"{path}: {name} is stored in parts that are larger than itself")
  array = dataset[...].astype(np.float32, copy=False)
  if not np.isfinite(array).all():
    raise errors.UserError(f"{path}: {name} holds NaN or infinite numbers")
  return array


def _check_names(path: str, what: str, expected: list[str], found: list[str]) -> None:
  for problem, names in (
    ("lacks", set(expected) - set(found)),
    ("has unknown", set(found) - set(expected)),
  ):
    if names:
      first = sorted(names)[0]
      more = f" and {len(names) - 1} more" if len(names) > 1 else ""
      raise errors.UserError(f"{path} is of another network: it {problem} {what}: {first}{more}")


def _one_line(error: Exception) -> str:
  return " ".join(str(error).split())
