"""Synthetic faces beside the photos that are nearest to them."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from sklearn import neighbors

from components.report import thumbnails
from components.shared.data import embeddings, examples

FACES = 6
"""Of each class."""
NEIGHBOURS = 4
_MOST = 5000
_SEED = 0
_SEEN = (examples.LABELED, examples.UNLABELED)


@dataclasses.dataclass(frozen=True)
class Row:
  """A synthetic face and its neighbours.

  Attributes:
    face: its thumbnail.
    label: 1 or 0, by construction.
    photos: (image_id, cosine, thumbnail) of the nearest photos that the
      generator has seen, the nearest first.
  """

  face: str
  label: int
  photos: list[tuple[str, float, str]]


def find(
  embeddings_uri: str, synthetic_faces_uri: str, faces_uri: str, attributes: Sequence[str]
) -> dict[str, list[Row]]:
  """Some synthetic faces of each class, by attribute.

  Args:
    embeddings_uri: of ExamplesUnion: photos, and faces that were kept.
    synthetic_faces_uri: of SyntheticFaceGen.
    faces_uri: of FaceExampleGen.
    attributes: that were learned.
  """
  parts = [embeddings.read(embeddings_uri, split, _MOST, _SEED) for split in _SEEN]
  photos = [image_id.decode() for part in parts for image_id in part.image_ids()]
  # The cosine is what the network was trained for: by length-1 vectors.
  index = neighbors.NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(photos)), metric="cosine").fit(
    np.concatenate([part.embeddings for part in parts])
  )
  made = embeddings.read(embeddings_uri, examples.SYNTHETIC_TRAIN, _MOST, _SEED)
  chosen = {
    attribute: _some_of_each(made.annotation(examples.label(attribute))) for attribute in attributes
  }
  rows = sorted({row for some in chosen.values() for row in some})
  distances, nearest = index.kneighbors(made.embeddings[rows])
  names = [image_id.decode() for image_id in made.image_ids()]
  synthetic = thumbnails.of_split(
    synthetic_faces_uri, [examples.SYNTHETIC_TRAIN], {names[row] for row in rows}
  )
  real = thumbnails.of_split(
    faces_uri, [examples.TRAINING], {photos[place] for place in nearest.ravel()}
  )
  around = {
    row: [
      (photos[place], 1.0 - float(distance), real[photos[place]])
      for place, distance in zip(nearest[number], distances[number], strict=True)
    ]
    for number, row in enumerate(rows)
  }
  return {
    attribute: [
      Row(synthetic[names[row]], int(made.annotation(examples.label(attribute))[row]), around[row])
      for row in some
    ]
    for attribute, some in chosen.items()
  }


def _some_of_each(labels: np.ndarray) -> list[int]:
  return [int(row) for label in (1, 0) for row in np.flatnonzero(labels == label)[:FACES]]
