"""Examples of faces to Examples of embeddings, as a Beam transform."""

from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.ml.inference import base

from components.shared.core import errors
from components.shared.data import examples
from components.shared.networks import handler

_Features = dict[str, Any]
_InSplit = tuple[str, _Features]


class EmbedFaces(beam.PTransform):
  """(split, serialized face) -> (split, (image_id, serialized embedding)).

  All features but the image are kept, and the embedding joins them.

  Args:
    face_handler: loads and runs the face network.
    width: length of an embedding.
  """

  def __init__(self, face_handler: handler.FaceModelHandler, width: int):
    super().__init__()
    self._handler = face_handler
    self._width = width

  def expand(self, faces):
    return (
      faces
      | "TakeOutImage" >> beam.MapTuple(_take_out_image)
      | "Embed" >> base.RunInference(base.KeyedModelHandler(self._handler))
      | "PutInEmbedding" >> beam.Map(_put_in_embedding, self._width)
    )


def _take_out_image(split: str, face: bytes) -> tuple[_InSplit, bytes]:
  features = examples.decode(face)
  image = features.pop(examples.IMAGE)
  return (split, features), image


def _put_in_embedding(
  keyed: tuple[_InSplit, np.ndarray], width: int
) -> tuple[str, tuple[str, bytes]]:
  (split, features), embedding = keyed
  image_id = features[examples.IMAGE_ID].decode()
  if embedding.shape != (width,):
    raise errors.UserError(
      f"the embedding of {image_id} has the shape {embedding.shape} instead of ({width},)"
    )
  if not np.isfinite(embedding).all():
    raise errors.UserError(f"the embedding of {image_id} holds NaN or infinite numbers")
  features[examples.EMBEDDING] = embedding.tolist()
  return split, (image_id, examples.encode(features))
