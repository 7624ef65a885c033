"""What a model saw when it was validated, and what it sees in use, as counts.

Neither holds a photo, a name or an embedding. A face becomes some figures, each
of which falls into one of at most 10 bins; kept are how many faces fell into
each. The figures:

| name                | what                                                    |
|---------------------|---------------------------------------------------------|
| brightness          | mean of the luma, 0 to 255                              |
| contrast            | standard deviation of the luma                          |
| saturation          | mean of the largest minus the smallest channel          |
| sharpness           | standard deviation of the luma's Laplacian, 128 pixels  |
| size                | shorter side of the face's picture, pixels              |
| projection_<i>      | the standardised embedding along a random direction     |
| probability_<name>  | of an attribute                                         |
| label_<name>        | 1 or 0                                                  |

Bins are the tenths of the baseline. Faces are also counted by slice: all of
them, and those that were given each label. Nothing here imports TensorFlow,
which takes longer than to label a photo.
"""

import dataclasses
import hashlib
import io
import os
import pathlib
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from PIL import Image

from components.shared.core import errors, regular_file
from components.shared.learning import arrays

FILE = "monitoring_baseline.npz"
"""In a pushed model's `assets.extra`."""
QUALITY = ("brightness", "contrast", "saturation", "sharpness", "size")
ALL = "all"
FEWEST = 10
"""Faces below which nothing is kept of their embeddings: figures of a few may
tell who they are."""

_PROJECTIONS = 16
_BINS = 10
_SIDE = 128
_EPSILON = 1e-6  # No deviation is 0.
_MOST_BYTES = 64 << 20


@dataclasses.dataclass(frozen=True, eq=False)
class Faces:
  """n faces, as a model saw them.

  Attributes:
    quality: float [n, 5], the figures of `QUALITY`.
    embeddings: float32 [n, d].
    probabilities: float [n] by attribute.
    labels: 1 or 0 [n] by attribute, as the model gave them.
  """

  quality: np.ndarray
  embeddings: np.ndarray
  probabilities: Mapping[str, np.ndarray]
  labels: Mapping[str, np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class Baseline:
  """What use is held against.

  Attributes:
    attributes: that the model labels, sorted.
    mean: of the embeddings, float32 [d].
    deviation: of the embeddings, float32 [d], above 0.
    directions: of the projections, float32 [d, 16], each of length 1.
    edges: between bins, float64 [features, bins - 1], rising; infinite where
      a figure needs fewer.
    counts: of the baseline's faces, int64 [slices, features, bins].
    key: changes with all of that; counts of different keys don't add up.
  """

  attributes: tuple[str, ...]
  mean: np.ndarray
  deviation: np.ndarray
  directions: np.ndarray
  edges: np.ndarray
  counts: np.ndarray
  key: str

  @property
  def features(self) -> tuple[str, ...]:
    """Names of the figures, as `counts` has them."""
    return features_of(self.attributes)

  @property
  def slices(self) -> tuple[str, ...]:
    """Names of the slices, as `counts` has them."""
    return slices_of(self.attributes)

  def count(self, faces: Faces) -> np.ndarray:
    """Faces by slice, figure and bin, int64 [slices, features, bins]."""
    values = _values(faces, self.attributes, self.mean, self.deviation, self.directions)
    return _counted(values, _masks(faces, self.attributes), self.edges)


def features_of(attributes: Iterable[str]) -> tuple[str, ...]:
  """Names of the figures of a model that labels these attributes."""
  return (
    *QUALITY,
    *(f"projection_{number}" for number in range(_PROJECTIONS)),
    *(f"{kind}_{name}" for name in attributes for kind in ("probability", "label")),
  )


def slices_of(attributes: Iterable[str]) -> tuple[str, ...]:
  """Names of the slices of a model that labels these attributes."""
  return (ALL, *(f"{name}={label}" for name in attributes for label in (0, 1)))


def quality(jpeg: bytes) -> np.ndarray:
  """The figures of `QUALITY` of a face's picture, float [5].

  Raises:
    OSError: it can't be decoded.
  """
  with Image.open(io.BytesIO(jpeg)) as image:
    size = min(image.size)
    image = image.convert("RGB")
  image.thumbnail((_SIDE, _SIDE), Image.Resampling.BILINEAR)
  pixels = np.asarray(image, np.float32)
  luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
  laplacian = (
    luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * luma[1:-1, 1:-1]
  )
  return np.array(
    [
      luma.mean(),
      luma.std(),
      (pixels.max(axis=2) - pixels.min(axis=2)).mean(),
      laplacian.std() if laplacian.size else 0.0,
      size,
    ]
  )


def without_few(counts: np.ndarray) -> np.ndarray:
  """Counts as `Baseline.count` gives them, with none of projections in slices
  of fewer than `FEWEST` faces."""
  first, last = len(QUALITY), len(QUALITY) + _PROJECTIONS
  few = (counts[:, 0].sum(axis=1) < FEWEST)[:, None, None]
  projections = (np.arange(counts.shape[1]) >= first) & (np.arange(counts.shape[1]) < last)
  return np.where(few & projections[None, :, None], 0, counts)


def baseline(faces: Faces, held_out: Sequence[bool], seed: int = 0) -> bytes:
  """The content of a model's `FILE`.

  Args:
    faces: that it was trained or validated on.
    held_out: of which of them it learned nothing, bool [n]; on the others its
      probabilities are better than they will be in use, and are not counted.
    seed: of the projections' directions.
  """
  attributes = tuple(sorted(faces.probabilities))
  held_out = np.asarray(held_out, bool)
  mean, deviation = faces.embeddings.mean(axis=0), faces.embeddings.std(axis=0) + _EPSILON
  directions = np.random.default_rng(seed).standard_normal((len(mean), _PROJECTIONS))
  directions = (directions / np.linalg.norm(directions, axis=0)).astype(np.float32)
  values = _values(faces, attributes, mean, deviation, directions)
  is_answer = np.arange(values.shape[1]) >= len(QUALITY) + _PROJECTIONS
  values[np.ix_(np.logical_not(held_out), is_answer)] = np.nan
  edges = np.stack([_edges(column[np.isfinite(column)]) for column in values.T])
  edges[len(QUALITY) + _PROJECTIONS + 1 :: 2] = [0.5, *[np.inf] * (_BINS - 2)]  # Labels.
  content = io.BytesIO()
  np.savez_compressed(
    content,
    attributes=np.array(attributes),
    mean=mean.astype(np.float32),
    deviation=deviation.astype(np.float32),
    directions=directions,
    edges=edges,
    counts=_counted(values, _masks(faces, attributes), edges),
  )
  return content.getvalue()


def read(model: pathlib.Path) -> Baseline:
  """The baseline of a pushed model.

  Args:
    model: its folder.

  Raises:
    UserError: it has none, or a damaged one.
  """
  path = model / arrays.FOLDER / FILE
  if not os.path.lexists(path):
    raise errors.UserError(
      f"{model}: this model has no baseline for monitoring ({arrays.FOLDER}/{FILE}); it was "
      "pushed by an older pipeline, `python -m pipeline run` pushes one that has"
    )
  try:
    content = regular_file.read(path, _MOST_BYTES)
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:  # noqa: TID251  Arrays, no objects.
      return _checked({name: stored[name] for name in stored.files}, content)
  except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile) as error:
    raise errors.UserError(
      f"{path}: is damaged ({errors.shown(str(error), 200)}); run the pipeline again"
    ) from None


def _checked(stored: Mapping[str, np.ndarray], content: bytes) -> Baseline:
  attributes = tuple(map(str, stored["attributes"].tolist()))
  (width,) = stored["mean"].shape
  features, slices = len(features_of(attributes)), len(slices_of(attributes))
  shapes = {
    "deviation": (width,),
    "directions": (width, _PROJECTIONS),
    "edges": (features, _BINS - 1),
    "counts": (slices, features, _BINS),
  }
  for name, shape in shapes.items():
    if stored[name].shape != shape:
      raise ValueError(f"{name} has the shape {stored[name].shape} and not {shape}")
  return Baseline(
    attributes=attributes,
    mean=stored["mean"],
    deviation=stored["deviation"],
    directions=stored["directions"],
    edges=stored["edges"],
    counts=stored["counts"],
    key=hashlib.sha256(content).hexdigest()[:16],
  )


def _values(
  faces: Faces,
  attributes: Sequence[str],
  mean: np.ndarray,
  deviation: np.ndarray,
  directions: np.ndarray,
) -> np.ndarray:
  """All figures, float64 [n, features]."""
  columns = [
    faces.quality,
    ((faces.embeddings - mean) / deviation) @ directions,
    *(np.stack([faces.probabilities[name], faces.labels[name]], axis=1) for name in attributes),
  ]
  return np.concatenate(columns, axis=1).astype(np.float64)


def _masks(faces: Faces, attributes: Sequence[str]) -> np.ndarray:
  """Which faces are in which slice, bool [slices, n]."""
  masks = [np.ones(len(faces.quality), bool)]
  for name in attributes:
    positive = np.asarray(faces.labels[name]) == 1
    masks += [~positive, positive]
  return np.stack(masks)


def _edges(values: np.ndarray) -> np.ndarray:
  """Tenths of some values, float64 [9]; each once, and then infinities."""
  found = np.full(_BINS - 1, np.inf)
  if len(values):
    # Values that are alike to the last bits may differ there tomorrow.
    tenths = np.unique(np.quantile(values, np.arange(1, _BINS) / _BINS).round(6))
    found[: len(tenths)] = tenths
  return found


def _counted(values: np.ndarray, masks: np.ndarray, edges: np.ndarray) -> np.ndarray:
  """Counts by slice, feature and bin; NaN is not counted."""
  bins = (values[:, :, None] >= edges[None]).sum(axis=2)  # [n, features]
  one_hot = (bins[:, :, None] == np.arange(_BINS)) & np.isfinite(values)[:, :, None]
  return np.einsum("sn,nfb->sfb", masks.astype(np.int64), one_hot.astype(np.int64))
