"""A generator as a SavedModel: encode and decode."""

from typing import Tuple

import numpy as np
import tensorflow as tf
from tfx.utils import path_utils

from components import errors


class Generator:
  """Loads a generator's SavedModel once and calls its signatures.

  Args:
    uri: a Model artifact whose SavedModel has the signatures `encode` and
      `decode` of `vae_gan_trainer.export.save`.

  Attributes:
    image_size: side of its images, pixels.
    latent_size: width of its codes.

  Raises:
    UserError: a signature is missing or of another shape.
  """

  def __init__(self, uri: str):
    self._model = tf.saved_model.load(path_utils.serving_model_path(uri))
    self._encode = self._signature("encode", uri)
    self._decode = self._signature("decode", uri)
    self.image_size, self.latent_size = _sizes(
        self._encode.structured_input_signature[1].get("image"),
        self._decode.structured_input_signature[1].get("code"), uri)

  def encode(self, images: np.ndarray) -> np.ndarray:
    """Codes (means), float32 [n, z], of images [n, s, s, 3] in [0, 1]."""
    return self._encode(image=tf.constant(images, tf.float32))["mean"].numpy()

  def decode(self, codes: np.ndarray) -> np.ndarray:
    """Images, uint8 [n, s, s, 3], of codes [n, z]."""
    images = self._decode(code=tf.constant(codes, tf.float32))["image"]
    return tf.image.convert_image_dtype(
        images, tf.uint8, saturate=True).numpy()

  def _signature(self, name: str, uri: str):
    if name not in self._model.signatures:
      raise errors.UserError(
          f"the generator {uri} has no signature `{name}`; it has "
          f"{', '.join(sorted(self._model.signatures)) or 'none'}")
    return self._model.signatures[name]


def _sizes(image: tf.TensorSpec, code: tf.TensorSpec, uri: str
           ) -> Tuple[int, int]:
  right = (
      image is not None and code is not None
      and image.shape.rank == 4 and code.shape.rank == 2
      and image.shape[1] == image.shape[2] and image.shape[3] == 3
      and image.shape[1] and code.shape[1])
  if not right:
    raise errors.UserError(
        f"the generator {uri} must take image [n, s, s, 3] and code [n, z]; "
        f"it takes {image} and {code}")
  return image.shape[1], code.shape[1]
