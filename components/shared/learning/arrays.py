"""A pushed model's classifiers as arrays, for who labels without TensorFlow.

`assets.extra/classifiers.npz` in the SavedModel's folder, where TensorFlow
leaves alone what it does not know. In it, for embeddings of d values and k
attributes:

| name               | dtype, shape    | what                                |
|--------------------|-----------------|-------------------------------------|
| attributes         | text [k]        | names, sorted                       |
| mean, deviation    | float32 [d]     | what standardises photos            |
| kernels_<i>        | float32 [d, m]  | of attribute i, a column a member   |
| biases_<i>         | float32 [m]     |                                     |
| shares_<i>         | float32 [m]     | of each member in the opinion       |
| calibration_<i>    | float32 [2]     | slope and intercept                 |
| threshold          | float32 [k]     | from which probability a label is 1 |

    z = (embedding - mean) / deviation

and what `components.shared.learning.committee` says of z.
"""

import dataclasses
import io
import os
import pathlib
import zipfile
from collections.abc import Mapping

import numpy as np

from components.shared.core import errors, regular_file
from components.shared.learning import committee
from components.shared.learning.committee import Committee

FOLDER, FILE = "assets.extra", "classifiers.npz"

THRESHOLD = committee.THRESHOLD

_MOST_BYTES = 1 << 30


@dataclasses.dataclass(frozen=True, eq=False)
class Classifiers:
  """What the arrays are of.

  Attributes:
    mean: float32 [d].
    deviation: float32 [d], above 0.
    committees: by attribute, sorted.
  """

  mean: np.ndarray
  deviation: np.ndarray
  committees: Mapping[str, Committee]

  def probabilities(self, embeddings: np.ndarray) -> dict[str, np.ndarray]:
    """Of having each attribute, float32 [n], for embeddings float32 [n, d]."""
    standardized = (embeddings - self.mean) / self.deviation
    return {
      attribute: each.probabilities(standardized).astype(np.float32)
      for attribute, each in self.committees.items()
    }

  @property
  def thresholds(self) -> dict[str, float]:
    """From which probability on an attribute's label is 1."""
    return {attribute: each.threshold for attribute, each in self.committees.items()}


def to_bytes(classifiers: Classifiers) -> bytes:
  """The file's content."""
  found = {
    "attributes": np.array(list(classifiers.committees)),
    "mean": classifiers.mean,
    "deviation": classifiers.deviation,
    "threshold": np.array(list(classifiers.thresholds.values()), np.float32),
  }
  for i, each in enumerate(classifiers.committees.values()):
    found[f"kernels_{i}"] = each.kernels
    found[f"biases_{i}"] = each.biases
    found[f"shares_{i}"] = each.shares
    found[f"calibration_{i}"] = np.array([each.slope, each.intercept], np.float32)
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
  found = {}
  thresholds = arrays["threshold"]
  for i, attribute in enumerate(arrays["attributes"].tolist()):
    kernels, biases, shares, calibration = (
      arrays[f"{kind}_{i}"] for kind in ("kernels", "biases", "shares", "calibration")
    )
    (members,) = biases.shape
    if (
      kernels.shape != (*width, members)
      or shares.shape != (members,)
      or calibration.shape != (2,)
      or any(array.dtype != np.float32 for array in (kernels, biases, shares, calibration))
    ):
      raise ValueError(f"the classifier of {attribute} does not fit")
    slope, intercept = calibration.tolist()
    found[str(attribute)] = Committee(
      kernels, biases, shares, slope, intercept, float(thresholds[i])
    )
  return Classifiers(arrays["mean"], arrays["deviation"], found)
