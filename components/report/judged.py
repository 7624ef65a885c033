"""The hand-labelled photos themselves, those first that the model gets most
wrong."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from components.report import thumbnails
from components.shared.artifacts import ladder_files
from components.shared.data import examples
from components.shared.learning import label_audit

MOST = 400
"""Photos that are shown; of more, those with the largest loss."""
_LEAST_PROBABILITY = 1e-6
_SIDE = 224
"""Pixels of the longer side of a photo that is enlarged."""


@dataclasses.dataclass(frozen=True)
class Photo:
  """One hand-labelled photo under the pushed model.

  Attributes:
    image_id: its file.
    label: by hand, 1 or 0.
    probability: of 1.
    loss: cross-entropy, in nats.
    right: whether the model says what the label says.
    suspect: the audit's rank of its label, from 1, if it takes it for wrong.
  """

  image_id: str
  label: int
  probability: float
  loss: float
  right: bool
  suspect: int = 0


def of_step(scores: ladder_files.Scores, step: str) -> list[Photo]:
  """All hand-labelled photos of an attribute, the largest loss first.

  Args:
    scores: of the attribute.
    step: of the ladder, that was pushed.
  """
  return audited(scores.image_ids, scores.labels, scores.by_step[step], scores.said(step))


def audited(
  image_ids: Sequence[str], labels: np.ndarray, probabilities: np.ndarray, said: np.ndarray
) -> list[Photo]:
  """Photos with losses and suspicions, the largest loss first.

  Args:
    image_ids: n files.
    labels: int [n], 1 or 0.
    probabilities: float [n], of 1, by a model that has not seen the photos.
    said: bool [n], the labels that it gives.
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
      bool(said[row] == labels[row]),
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
    `photos` (at most `MOST`), `thumbnails` (data URIs by image_id), and the
    numbers `total`, `wrong` and `suspects`.
  """
  shown = {name: list(all_[:MOST]) for name, all_ in photos.items()}
  pictures = _pictures(faces_uri, {photo.image_id for some in shown.values() for photo in some})
  return {
    name: {
      "photos": some,
      "thumbnails": pictures,
      "total": len(photos[name]),
      "wrong": sum(not photo.right for photo in photos[name]),
      "suspects": len(suspects(photos[name])),
    }
    for name, some in shown.items()
  }


def _pictures(faces_uri: str, image_ids: Collection[str]) -> dict[str, str]:
  """Data URIs of evaluation photos, by their files; large enough to be
  looked at."""
  return thumbnails.of_split(faces_uri, [examples.RESERVED], image_ids, _SIDE)
