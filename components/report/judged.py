"""The hand-labelled photos themselves, those first that the model gets most
wrong."""

import csv
import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from components.report import thumbnails
from components.shared.artifacts import ladder_files
from components.shared.data import examples
from components.shared.learning import label_audit, serving

MOST = 400
"""Photos that are shown; of more, those with the largest loss."""
_LEAST_PROBABILITY = 1e-6


@dataclasses.dataclass(frozen=True)
class Photo:
  """One hand-labelled photo under the pushed model.

  Attributes:
    image_id: its file.
    label: by hand, 1 or 0.
    probability: of 1.
    loss: cross-entropy, in nats.
    suspect: the audit's rank of its label, from 1, if it takes it for wrong.
  """

  image_id: str
  label: int
  probability: float
  loss: float
  suspect: int = 0

  @property
  def right(self) -> bool:
    """Whether the model says what the label says."""
    return (self.probability >= serving.THRESHOLD) == bool(self.label)


def read(ladder_uri: str, attribute: str, step: str) -> list[Photo]:
  """All hand-labelled photos of an attribute, the largest loss first.

  Args:
    ladder_uri: of Ladder.
    attribute: that was learned.
    step: of the ladder, that was pushed.
  """
  path = os.path.join(ladder_uri, ladder_files.SCORES)
  with tf.io.gfile.GFile(path) as file:
    rows = [row for row in csv.DictReader(file) if row["attribute"] == attribute]
  return audited(
    [row[examples.IMAGE_ID] for row in rows],
    np.array([int(row["label"]) for row in rows]),
    np.array([float(row[step]) for row in rows]),
  )


def audited(image_ids: Sequence[str], labels: np.ndarray, probabilities: np.ndarray) -> list[Photo]:
  """Photos with losses and suspicions, the largest loss first.

  Args:
    image_ids: n files.
    labels: int [n], 1 or 0.
    probabilities: float [n], of 1, by a model that has not seen the photos.
  """
  suspects = {}
  if 0 < labels.sum() < len(labels):
    audit = label_audit.audit(labels, probabilities)
    suspects = {row: rank for rank, row in enumerate(audit.suspects, 1)}
  of_label = np.where(labels == 1, probabilities, 1 - probabilities)
  losses = -np.log(np.maximum(of_label, _LEAST_PROBABILITY))
  found = [
    Photo(
      image_id,
      int(labels[row]),
      float(probabilities[row]),
      float(losses[row]),
      suspects.get(row, 0),
    )
    for row, image_id in enumerate(image_ids)
  ]
  return sorted(found, key=lambda photo: (-photo.loss, photo.image_id))


def suspects(photos: Sequence[Photo]) -> list[str]:
  """Files whose label is suspicious, the most suspicious first."""
  return [
    photo.image_id
    for photo in sorted(
      (photo for photo in photos if photo.suspect), key=lambda photo: photo.suspect
    )
  ]


def galleries(photos: Mapping[str, Sequence[Photo]], faces_uri: str) -> dict[str, dict[str, Any]]:
  """What the page shows, by attribute.

  Args:
    photos: of `read`, by attribute.
    faces_uri: of FaceExampleGen.

  Returns:
    `photos` (at most `MOST`), `thumbnails` (data URIs by image_id), `total`
    and `suspects`, their numbers.
  """
  shown = {name: list(all_[:MOST]) for name, all_ in photos.items()}
  pictures = thumbnails.of_split(
    faces_uri, [examples.RESERVED], {photo.image_id for some in shown.values() for photo in some}
  )
  return {
    name: {
      "photos": some,
      "thumbnails": pictures,
      "total": len(photos[name]),
      "suspects": len(suspects(photos[name])),
    }
    for name, some in shown.items()
  }
