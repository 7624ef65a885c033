"""A pushed model, loaded."""

import dataclasses
import pathlib
from typing import Dict, List, Sequence

import numpy as np
import tensorflow as tf

from components import errors
from components import examples
from components.classifier import serving


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
  """

  def __init__(self, path: pathlib.Path):
    """Loads the SavedModel.

    Raises:
      UserError: the folder holds no model of this pipeline.
    """
    try:
      # Signatures live no longer than the object that they belong to.
      self._model = tf.saved_model.load(str(path))
      self._classify = self._model.signatures[serving.CLASSIFY_JPEG]
    except (OSError, KeyError):
      raise errors.UserError(f"{path}: no pushed model is here") from None
    self.attributes: List[str] = serving.attributes_of(
        self._classify.structured_outputs)
    if not self.attributes:
      raise errors.UserError(f"{path}: no pushed model of this pipeline")

  def classify(self, faces: Sequence[bytes]) -> Outputs:
    """Labels faces that are where the training data have them.

    Args:
      faces: JPEGs, at least one.
    """
    outputs = self._classify(image=tf.constant(list(faces)))
    return Outputs(
        labels={name: outputs[examples.label(name)].numpy()[:, 0]
                for name in self.attributes},
        probabilities={
            name: outputs[serving.probability_of(name)].numpy()[:, 0]
            for name in self.attributes},
        embeddings=outputs[examples.EMBEDDING].numpy())
