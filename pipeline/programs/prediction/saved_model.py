"""A pushed model as TensorFlow loads it, with the face network inside."""

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from components.shared.core import errors
from components.shared.data import feature_names
from components.shared.learning import serving


class SavedModel:
  """Labels faces, or their embeddings.

  Attributes:
    attributes: those that it labels, sorted.
  """

  def __init__(self, path: pathlib.Path):
    """Loads it.

    Args:
      path: its folder.

    Raises:
      UserError: it is damaged, or no model of this pipeline.
    """
    try:
      # Signatures live no longer than the object that they belong to.
      self._model = tf.saved_model.load(str(path))
      self._of_faces = self._model.signatures[serving.CLASSIFY_JPEG]
      self._of_embeddings = self._model.signatures[serving.CLASSIFY_EMBEDDING]
    except (OSError, KeyError, ValueError, tf.errors.OpError):
      raise errors.UserError(
        f"{path}: no pushed model is here, or a damaged one; `python -m "
        "pipeline run` makes one, in its folder's model/"
      ) from None
    self.attributes: list[str] = serving.attributes_of(self._of_embeddings.structured_outputs)

  def of_faces(self, jpegs: Sequence[bytes]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Embeddings, float32 [n, d], and probabilities, float32 [n] by
    attribute."""
    outputs = self._of_faces(image=tf.constant(list(jpegs)))
    return (outputs[feature_names.EMBEDDING].numpy(), self._probabilities(outputs))

  def probabilities(self, embeddings: np.ndarray) -> dict[str, np.ndarray]:
    """Of having each attribute, float32 [n], for embeddings float32 [n, d]."""
    return self._probabilities(self._of_embeddings(embedding=tf.constant(embeddings)))

  def _probabilities(self, outputs: Mapping[str, tf.Tensor]) -> dict[str, np.ndarray]:
    return {
      attribute: outputs[serving.probability_of(attribute)].numpy()[:, 0]
      for attribute in self.attributes
    }
