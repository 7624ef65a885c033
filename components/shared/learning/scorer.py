"""Tells from an embedding whether a face has the attribute.

The judge of synthetic faces, and never of photos: it learned from the labelled
photos and their neighbours, as the pushed classifier does. Its neighbours are
also faces that the generator drew by itself. They know no label, but where
photos are few they show how faces lie, and labels spread along them.
"""

import dataclasses
import io

import numpy as np
import tensorflow as tf
from sklearn import linear_model

from components.latent_directions.settings import DirectionSettings
from components.shared.data import embeddings
from components.shared.learning import propagation

_C = 1.0
_MAX_ITERATIONS = 3000


@dataclasses.dataclass(frozen=True)
class Scorer:
  """A logistic regression on embeddings, centred and scaled by domain.

  Attributes:
    weights: float64 [d].
    bias: its logit of an average photo.
    mean, deviation: float64 [d], what is taken from photos' embeddings, and
      what they are divided by.
    face_mean, face_deviation: float64 [d], of the generator's faces.
    boundary: the logit that parts the generator's faces in the proportion
      that the photos have.
  """

  weights: np.ndarray
  bias: np.ndarray
  mean: np.ndarray
  deviation: np.ndarray
  face_mean: np.ndarray
  face_deviation: np.ndarray
  boundary: np.ndarray

  def score_photos(self, embeddings: np.ndarray) -> np.ndarray:
    """Logits, float64 [n], of photos' embeddings [n, d]."""
    return ((embeddings - self.mean) / self.deviation) @ self.weights + self.bias

  def score_faces(self, embeddings: np.ndarray) -> np.ndarray:
    """How clearly generated faces have the attribute, float64 [n].

    Above 0 they have it, below they have not; embeddings are [n, d].
    """
    standardized = (embeddings - self.face_mean) / self.face_deviation
    return standardized @ self.weights + self.bias - self.boundary


def fit(
  labeled: np.ndarray,
  labels: np.ndarray,
  unlabeled: np.ndarray,
  faces: np.ndarray,
  settings: DirectionSettings,
) -> Scorer:
  """Learns from labelled photos and the labels that spread from them.

  Args:
    labeled: embeddings float [n, d].
    labels: int [n], 1 or 0, both of them there.
    unlabeled: embeddings float [m, d] of photos without a label.
    faces: embeddings float [k, d] of what the generator draws by itself.
    settings: how labels spread, and to how many of the faces.
  """
  photos = np.concatenate([labeled, unlabeled]).astype(np.float64)
  mean, spread_of_photos = embeddings.moments(photos)
  deviation = np.full_like(mean, embeddings.length(spread_of_photos))
  face_mean, spread_of_faces = embeddings.moments(faces.astype(np.float64))
  face_deviation = spread_of_faces / spread_of_photos * deviation
  standardized_faces = (faces - face_mean) / face_deviation
  nodes = np.concatenate(
    [(photos - mean) / deviation, standardized_faces[: settings.spread_samples]]
  )
  share = propagation.positive_share(labels)
  spread = propagation.spread(
    nodes[: len(labels)], labels, nodes[len(labels) :], share, settings.propagation
  )
  model = linear_model.LogisticRegression(C=_C, max_iter=_MAX_ITERATIONS).fit(
    nodes, np.concatenate([labels, spread >= 0.5])
  )
  weights, bias = model.coef_[0], model.intercept_[0]
  logits = standardized_faces @ weights + bias
  return Scorer(
    weights=weights,
    bias=np.asarray(bias),
    mean=mean,
    deviation=deviation,
    face_mean=face_mean,
    face_deviation=face_deviation,
    boundary=np.quantile(logits, 1.0 - share),
  )


def write(scorers: dict[str, dict[int, Scorer]], path: str) -> None:
  """Writes scorers by attribute and fold as an uncompressed .npz file."""
  buffer = io.BytesIO()
  np.savez(
    buffer,
    **{
      f"{attribute}/{fold}/{field.name}": getattr(scorer, field.name)
      for attribute, by_fold in scorers.items()
      for fold, scorer in by_fold.items()
      for field in dataclasses.fields(scorer)
    },
  )
  with tf.io.gfile.GFile(path, "wb") as file:
    file.write(buffer.getvalue())


def read(path: str) -> dict[str, dict[int, Scorer]]:
  """The inverse of `write`."""
  found: dict[str, dict[int, dict[str, np.ndarray]]] = {}
  with tf.io.gfile.GFile(path, "rb") as file:
    with np.load(io.BytesIO(file.read()), allow_pickle=False) as arrays:  # noqa: TID251  It unpickles nothing.
      for name in arrays.files:
        attribute, fold, field = name.rsplit("/", 2)
        found.setdefault(attribute, {}).setdefault(int(fold), {})[field] = arrays[name]
  return {
    attribute: {fold: Scorer(**fields) for fold, fields in by_fold.items()}
    for attribute, by_fold in found.items()
  }
