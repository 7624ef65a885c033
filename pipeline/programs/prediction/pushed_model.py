"""A pushed model, loaded: faces in, labels and embeddings out.

Where the run's engine embeds, the classifiers are arrays, and TensorFlow, which
takes longer to import than all else together, is not needed.
"""

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from components.shared.core import errors
from components.shared.data import photos as photos_lib
from components.shared.learning import arrays
from components.shared.networks import decoding
from pipeline.programs.prediction import run_engine

_FACE_NETWORK = "the model's own network"


@dataclasses.dataclass(frozen=True, eq=False)
class Outputs:
  """What the model says of n faces.

  Attributes:
    labels: int64 [n] by attribute.
    probabilities: float32 [n] by attribute.
    embeddings: float32 [n, d].
  """

  labels: dict[str, np.ndarray]
  probabilities: dict[str, np.ndarray]
  embeddings: np.ndarray


class PushedModel:
  """Labels faces; safe to be used by several threads at once.

  Attributes:
    path: the model's folder.
    attributes: those that it labels, sorted.
    engine: what embeds: the kind of the run's engine, or the model itself.
    embeds_itself: whether it is the model, whose TensorFlow reads the JPEGs.
  """

  def __init__(self, path: pathlib.Path, engine: run_engine.RunEngine | None = None):
    """Loads the model, or what it takes of it.

    Args:
      path: the SavedModel's folder.
      engine: what embeds; default: the engine of the model's run, if that is
        here, or else the model.

    Raises:
      UserError: the folder holds no model of this pipeline, or a damaged one.
    """
    self.path = path
    if not (path / "saved_model.pb").is_file():
      raise errors.UserError(
        f"{path}: no pushed model is here; `python -m pipeline run` makes "
        "one, in its folder's model/"
      )
    self._engine = engine or run_engine.of_pushed(path)
    self.engine = self._engine.kind if self._engine else _FACE_NETWORK
    self.embeds_itself = self._engine is None
    stored = arrays.read(path)
    self._classifiers = self._engine and stored
    if self._classifiers:
      self.attributes: list[str] = sorted(self._classifiers.committees)
    else:
      from pipeline.programs.prediction import saved_model  # TensorFlow takes seconds.

      self._saved = saved_model.SavedModel(path)
      self.attributes = self._saved.attributes
    self.thresholds = dict.fromkeys(self.attributes, arrays.THRESHOLD)
    if stored:
      self.thresholds.update(stored.thresholds)

  def prepare(self, face: bytes) -> Any:
    """What `classify` takes of a face; takes the time of decoding a photo.

    Args:
      face: JPEG of a face that is where the training data have it.

    Raises:
      PhotoError: it can't be decoded.
    """
    if self._engine is None:
      return face
    try:
      return decoding.decode_face(face, self._engine.input_size)
    except errors.UserError:
      raise photos_lib.PhotoError("damaged or cut off") from None

  def classify(self, faces: Sequence[Any]) -> Outputs:
    """Labels faces, as `prepare` gives them; at least one."""
    if self._engine is None:
      embeddings, probabilities = self._saved.of_faces(faces)
    else:
      embeddings = self._engine.engine.embed(np.stack(faces))
      of_embeddings = self._classifiers or self._saved
      probabilities = of_embeddings.probabilities(embeddings)
    return Outputs(
      labels={
        attribute: (of >= self.thresholds[attribute]).astype(np.int64)
        for attribute, of in probabilities.items()
      },
      probabilities=probabilities,
      embeddings=embeddings,
    )

  def look_at(self, faces: Sequence[bytes]) -> Outputs:
    """`classify` of JPEGs; raises as `prepare`."""
    return self.classify([self.prepare(face) for face in faces])
