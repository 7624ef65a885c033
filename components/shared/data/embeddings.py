"""Embeddings out of TFRecords into memory, as many as fit."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from components.shared.data import examples
from components.shared.data.feature_names import UNKNOWN

EPSILON = 1e-6
"""What is added to every deviation."""


@dataclasses.dataclass(frozen=True)
class Embedded:
  """Rows of a split.

  Attributes:
    embeddings: float32 [n, d].
    features: of each row, all but the embedding (`components.shared.data.examples`).
  """

  embeddings: np.ndarray
  features: list[dict[str, Any]]

  def annotation(self, name: str) -> np.ndarray:
    """int64 [n], 1, 0 or `UNKNOWN`."""
    return np.array([row.get(name, UNKNOWN) for row in self.features], np.int64)

  def annotations(self, names: Iterable[str]) -> np.ndarray:
    """int64 [n, k], 1, 0 or `UNKNOWN`, a column for each of k names."""
    return np.stack([self.annotation(name) for name in names], axis=1)

  def image_ids(self) -> list[bytes]:
    """File names [n]."""
    return [row[examples.IMAGE_ID] for row in self.features]

  def rows(self, chosen: np.ndarray) -> "Embedded":
    """Those that a mask or indices choose."""
    places = np.arange(len(self.features))[chosen]
    return Embedded(self.embeddings[places], [self.features[place] for place in places])


def moments(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Mean and deviation, float [d], of rows [n, d]; no deviation is 0."""
  return rows.mean(axis=0), rows.std(axis=0) + EPSILON


def length(deviation: np.ndarray) -> float:
  """The typical length of rows of these deviations [d], less their mean."""
  return float(np.sqrt(np.sum(np.square(deviation))))


def on_one_scale(
  rows: np.ndarray,
  moments_: tuple[np.ndarray, np.ndarray],
  of_photos: tuple[np.ndarray, np.ndarray],
  depths: int,
) -> np.ndarray:
  """What `components.classifier.transform` makes of embeddings, float32 [n, d].

  Args:
    rows: of one domain, float [n, d].
    moments_: of the domain.
    of_photos: of photos.
    depths: of which an embedding is made.
  """
  scale = length(of_photos[1]) / np.sqrt(depths)
  return ((rows - moments_[0]) * (of_photos[1] / (moments_[1] * scale))).astype(np.float32)


def read(uri: str, split: str, most: int | None = None, seed: int = 0) -> Embedded:
  """Rows of a split of an Examples artifact, in file order.

  Args:
    uri: the artifact.
    split: its name.
    most: of a longer split this many are kept, drawn while it streams by.
    seed: of the draw.
  """
  rows = (examples.decode(record) for record in examples.dataset(uri, split).as_numpy_iterator())
  kept = list(rows) if most is None else _drawn(rows, most, seed)
  width = len(kept[0][examples.EMBEDDING]) if kept else 0
  return Embedded(
    np.array([row.pop(examples.EMBEDDING) for row in kept], np.float32).reshape(-1, width), kept
  )


def _drawn(rows: Iterator[dict[str, Any]], most: int, seed: int) -> list[dict[str, Any]]:
  """At most so many rows, each equally likely (Vitter 1985, algorithm R)."""
  rng = np.random.default_rng(seed)
  kept: list[dict[str, Any]] = []
  for number, row in enumerate(rows):
    if number < most:
      kept.append(row)
      continue
    place = int(rng.integers(number + 1))
    if place < most:
      kept[place] = row
  return kept
