"""The faces of a run that are nearest to a face, in embedding space."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from components.shared.core import errors, progress
from components.shared.data import embeddings, examples

MOST_BYTES = 256 * 2**20
"""Embeddings that are held in memory; of more faces, as many as fit."""
_BATCH = 512


@dataclasses.dataclass(frozen=True)
class Neighbour:
  """A face that is near.

  Attributes:
    row: its number among the `Neighbours`.
    distance: 1 - cosine of the two embeddings, 0 to 2.
    split: that it belongs to.
    image_id: its file's name.
    labels: 1 or 0, by attribute, where known.
    held_out: by attribute, whether the label was kept from learning.
  """

  row: int
  distance: float
  split: str
  image_id: str
  labels: dict[str, int]
  held_out: dict[str, bool]


@dataclasses.dataclass(frozen=True, eq=False)
class _Rows:
  """Rows of a split: unit embeddings float32 [n, d], image_ids [n], labels
  and held-out labels int64 [n, k], `UNKNOWN` where there are none."""

  units: np.ndarray
  image_ids: np.ndarray
  labels: np.ndarray
  held_out: np.ndarray


class Neighbours:
  """Faces with their embeddings in memory and their pictures on disk.

  Args:
    embeddings_uri: Examples artifact of embeddings.
    faces_uri: Examples artifact of the same faces' pictures.
    faces_split: its split that they are in.
    splits: which splits of the embeddings.
    attributes: whose labels are wanted.
    most_bytes: what the embeddings may take in memory. Files are filled by
      hashes of names, so that the first faces are any faces.

  Raises:
    UserError: there are no embeddings.
  """

  def __init__(
    self,
    embeddings_uri: str,
    faces_uri: str,
    faces_split: str,
    splits: Sequence[str],
    attributes: Sequence[str],
    most_bytes: int = MOST_BYTES,
  ):
    self._faces = faces_uri, faces_split
    self._attributes = tuple(attributes)
    self.width = _width(embeddings_uri, splits)
    most = max(1, most_bytes // (4 * self.width * len(splits)))
    found = {split: _read(embeddings_uri, split, self.width, attributes, most) for split in splits}
    self._splits = np.concatenate(
      [np.full(len(rows.units), split) for split, rows in found.items()]
    )
    self._units, self._image_ids, self._labels, self._held_out = (
      np.concatenate([getattr(rows, field.name) for rows in found.values()])
      for field in dataclasses.fields(_Rows)
    )

  def __len__(self) -> int:
    return len(self._units)

  def nearest(self, embedding: np.ndarray, count: int) -> list[Neighbour]:
    """The nearest faces, nearest first; all, where there are fewer.

    Args:
      embedding: float [d].
      count: how many are wanted.
    """
    distances = 1 - self._units @ _units(embedding[np.newaxis])[0]
    count = min(count, len(distances))
    chosen = np.argpartition(distances, count - 1)[:count]
    return [
      self._neighbour(int(row), float(distances[row]))
      for row in chosen[np.argsort(distances[chosen], kind="stable")]
    ]

  def image(self, row: int) -> bytes:
    """The encoded picture of a face.

    Raises:
      IndexError: there is no such row.
      KeyError: its picture is gone.
    """
    return examples.find(*self._faces, self._name(row)[1])[examples.IMAGE]

  def _name(self, row: int) -> tuple[str, str]:
    return str(self._splits[row]), self._image_ids[row].decode()

  def _neighbour(self, row: int, distance: float) -> Neighbour:
    split, image_id = self._name(row)
    labels = self._known(self._labels[row])
    all_labels = {**self._known(self._held_out[row]), **labels}
    return Neighbour(
      row,
      max(0.0, distance),
      split,
      image_id,
      labels=all_labels,
      held_out={name: name not in labels for name in all_labels},
    )

  def _known(self, labels: np.ndarray) -> dict[str, int]:
    return {
      attribute: int(label)
      for attribute, label in zip(self._attributes, labels, strict=True)
      if label != embeddings.UNKNOWN
    }


def _units(rows: np.ndarray) -> np.ndarray:
  """Rows [n, d] of length 1, but for those of zeros."""
  lengths = np.linalg.norm(rows, axis=1, keepdims=True)
  return rows / np.maximum(lengths, np.finfo(np.float32).tiny)


def _width(uri: str, splits: Sequence[str]) -> int:
  for split in splits:
    for record in examples.dataset(uri, split).take(1).as_numpy_iterator():
      return len(examples.decode(record)[examples.EMBEDDING])
  raise errors.UserError(f"{uri}: no embedded faces are here")


def _read(uri: str, split: str, width: int, attributes: Sequence[str], most: int) -> _Rows:
  features: dict[str, tf.io.FixedLenFeature] = {
    examples.IMAGE_ID: tf.io.FixedLenFeature([], tf.string),
    examples.EMBEDDING: tf.io.FixedLenFeature([width], tf.float32),
  }
  for attribute in attributes:
    for name in (examples.label, examples.held_out_label):
      features[name(attribute)] = tf.io.FixedLenFeature(
        [], tf.int64, default_value=embeddings.UNKNOWN
      )
  batches = (
    examples.dataset(uri, split)
    .take(most)
    .batch(_BATCH)
    .map(lambda records: tf.io.parse_example(records, features))
  )
  read = []
  with progress.bar(f"reading {split}", None, "face") as bar:
    for batch in batches.as_numpy_iterator():
      read.append(_rows(batch, attributes))
      bar.update(len(read[-1].units))
  if not read:
    return _Rows(
      np.zeros([0, width], np.float32),
      np.zeros(0, object),
      *(np.zeros([0, len(attributes)], np.int64),) * 2,
    )
  return _Rows(
    *(
      np.concatenate([getattr(rows, field.name) for rows in read])
      for field in dataclasses.fields(_Rows)
    )
  )


def _rows(batch: Mapping[str, np.ndarray], attributes: Sequence[str]) -> _Rows:
  return _Rows(
    _units(batch[examples.EMBEDDING]),
    batch[examples.IMAGE_ID],
    np.stack([batch[examples.label(a)] for a in attributes], axis=1),
    np.stack([batch[examples.held_out_label(a)] for a in attributes], axis=1),
  )
