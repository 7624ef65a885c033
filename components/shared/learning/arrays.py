"""A pushed model's classifiers as arrays, for who labels without TensorFlow.

`assets.extra/classifiers.npz` in the SavedModel's folder, where TensorFlow
leaves alone what it does not know. In it, for embeddings of d values and k
attributes:

| name               | dtype, shape     | what                               |
|--------------------|------------------|------------------------------------|
| attributes         | text [k]         | names, sorted                      |
| mean, deviation    | float32 [d]      | what standardises photos           |
| kernel_<i>_<layer> | float32 [in, out] | of attribute i, layers from 0 on  |
| bias_<i>_<layer>   | float32 [out]    |                                    |
| threshold          | float [k]        | of probabilities; may be absent   |

    z = (embedding - mean) / deviation
    z = relu(z @ kernel + bias)          for each layer but the last
    probability = sigmoid(z @ kernel + bias)
"""

import dataclasses
import io
import os
import pathlib
import zipfile
from collections.abc import Iterable, Mapping

import numpy as np

from components.shared.core import errors, regular_file

FOLDER, FILE = "assets.extra", "classifiers.npz"
THRESHOLD = 0.5
"""Of the probability from which on a label is 1."""

_MOST_BYTES = 1 << 30

Layer = tuple[np.ndarray, np.ndarray]
"""Kernel, float32 [in, out], and bias, float32 [out]."""


@dataclasses.dataclass(frozen=True, eq=False)
class Classifiers:
  """What the arrays are of.

  Attributes:
    mean: float32 [d].
    deviation: float32 [d], above 0.
    layers: by attribute, sorted.
    thresholds: by attribute, as far as there are any.
  """

  mean: np.ndarray
  deviation: np.ndarray
  layers: Mapping[str, tuple[Layer, ...]]
  thresholds: Mapping[str, float] = dataclasses.field(default_factory=dict)

  def probabilities(self, embeddings: np.ndarray) -> dict[str, np.ndarray]:
    """Of having each attribute, float32 [n], for embeddings float32 [n, d]."""
    standardized = (embeddings - self.mean) / self.deviation
    found = {}
    for attribute, layers in self.layers.items():
      values = standardized
      for number, (kernel, bias) in enumerate(layers, 1):
        values = values @ kernel + bias
        if number < len(layers):
          values = np.maximum(values, 0)
      # The logistic function, which no value overflows.
      found[attribute] = ((1 + np.tanh(values[:, 0] / 2)) / 2).astype(np.float32)
    return found


def to_bytes(classifiers: Classifiers) -> bytes:
  """The file's content."""
  found = {
    "attributes": np.array(list(classifiers.layers)),
    "mean": classifiers.mean,
    "deviation": classifiers.deviation,
  }
  for i, layers in enumerate(classifiers.layers.values()):
    for number, (kernel, bias) in enumerate(layers):
      found[f"kernel_{i}_{number}"] = kernel
      found[f"bias_{i}_{number}"] = bias
  content = io.BytesIO()
  np.savez(content, **found)
  return content.getvalue()


def read(model: pathlib.Path) -> Classifiers | None:
  """The arrays of a pushed model; None where it was pushed without.

  Args:
    model: the SavedModel's folder.

  Raises:
    UserError: the file is damaged.
  """
  path = model / FOLDER / FILE
  if not os.path.lexists(path):
    return None
  try:
    content = regular_file.read(path, _MOST_BYTES)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:  # noqa: TID251  Arrays, no objects.
      return _checked({name: arrays[name] for name in arrays.files})
  except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile) as error:
    raise errors.UserError(
      f"{path}: is damaged ({errors.shown(str(error), 200)}); delete it, and "
      "TensorFlow labels by the rest of the model, or run the pipeline "
      "again"
    ) from None


def _checked(arrays: dict[str, np.ndarray]) -> Classifiers:
  """Raises ValueError or KeyError where they don't belong together."""
  width = arrays["mean"].shape
  if len(width) != 1 or arrays["deviation"].shape != width or not (arrays["deviation"] > 0).all():
    raise ValueError("no mean and deviation of each value")
  layers = {}
  for i, attribute in enumerate(arrays["attributes"].tolist()):
    of_one, (size,) = [], width
    while f"kernel_{i}_{len(of_one)}" in arrays:
      kernel, bias = (arrays[f"{kind}_{i}_{len(of_one)}"] for kind in ("kernel", "bias"))
      if kernel.shape != (size, *bias.shape) or kernel.dtype != np.float32:
        raise ValueError(f"layer {len(of_one)} of {attribute} does not fit")
      (size,) = bias.shape
      of_one.append((kernel, bias))
    if size != 1 or not of_one:
      raise ValueError(f"the layers of {attribute} end in {size} values")
    layers[str(attribute)] = tuple(of_one)
  return Classifiers(arrays["mean"], arrays["deviation"], layers, _thresholds(arrays, layers))


def _thresholds(arrays: dict[str, np.ndarray], attributes: Iterable[str]) -> dict[str, float]:
  if "threshold" not in arrays:
    return {}
  values, names = arrays["threshold"], list(attributes)
  if values.shape != (len(names),) or not ((values > 0) & (values < 1)).all():
    raise ValueError("no threshold between 0 and 1 of each attribute")
  return {name: float(value) for name, value in zip(names, values, strict=True)}
