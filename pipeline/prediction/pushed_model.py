"""A pushed model, loaded: faces in, labels and embeddings out."""

import dataclasses
import pathlib
from typing import Any, Dict, List, Mapping, Optional, Sequence

import numpy as np
import tensorflow as tf

from components import errors
from components import examples
from components.classifier import serving
from components.embedding_engine import decoding
from components.face_example_gen import photos as photos_lib
from pipeline.prediction import run_engine

_FACE_NETWORK = "the model's own network"


@dataclasses.dataclass(frozen=True, eq=False)
class Outputs:
  """What the model says of n faces.

  Attributes:
    labels: int64 [n] by attribute.
    probabilities: float32 [n] by attribute.
    embeddings: float32 [n, d].
  """
  labels: Dict[str, np.ndarray]
  probabilities: Dict[str, np.ndarray]
  embeddings: np.ndarray


class PushedModel:
  """Labels faces; safe to be used by several threads at once.

  Attributes:
    attributes: those that it labels, sorted.
    engine: what embeds: the kind of the run's engine, or the model itself.
    embeds_itself: whether it is the model, whose TensorFlow reads the JPEGs.
  """

  def __init__(self, path: pathlib.Path,
               engine: Optional[run_engine.RunEngine] = None):
    """Loads the SavedModel.

    Args:
      path: its folder.
      engine: what embeds; default: the engine of the model's run, if that is
        here, or else the model.

    Raises:
      UserError: the folder holds no model of this pipeline.
    """
    try:
      # Signatures live no longer than the object that they belong to.
      self._model = tf.saved_model.load(str(path))
      self._of_faces = self._model.signatures[serving.CLASSIFY_JPEG]
      self._of_embeddings = self._model.signatures[serving.CLASSIFY_EMBEDDING]
    except (OSError, KeyError, ValueError, tf.errors.OpError):
      raise errors.UserError(
          f"{path}: no pushed model is here; `python -m pipeline run` makes "
          "one, in its folder's model/") from None
    self.attributes: List[str] = serving.attributes_of(
        self._of_embeddings.structured_outputs)
    self._engine = engine or run_engine.of_pushed(path)
    self.engine = self._engine.kind if self._engine else _FACE_NETWORK
    self.embeds_itself = self._engine is None

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
    """Labels faces.

    Args:
      faces: what `prepare` gave, at least one.
    """
    if self._engine is None:
      outputs = self._of_faces(image=tf.constant(list(faces)))
      embeddings = outputs[examples.EMBEDDING].numpy()
    else:
      embeddings = self._engine.engine.embed(np.stack(faces))
      outputs = self._of_embeddings(embedding=tf.constant(embeddings))
    return Outputs(
        labels=self._column(outputs, examples.label),
        probabilities=self._column(outputs, serving.probability_of),
        embeddings=embeddings)

  def _column(self, outputs: Mapping[str, tf.Tensor],
              name_of) -> Dict[str, np.ndarray]:
    return {attribute: outputs[name_of(attribute)].numpy()[:, 0]
            for attribute in self.attributes}
