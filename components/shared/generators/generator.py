"""A generator as a SavedModel: decode and, if it has it, encode."""

import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from tfx.utils import path_utils

from components.shared.core import errors, placement

_JPEG_QUALITY = 95


class Generator:
  """Loads a generator's SavedModel once and calls its signatures.

  Args:
    uri: a Model artifact, or a SavedModel's own folder, with the signature
      `decode` and perhaps `encode` of `vae_gan_trainer.export.save`.
    devices: names of devices, one of which it takes; none: all GPUs, else the
      CPU.

  Attributes:
    image_size: side of its images, pixels.
    latent_size: width of its codes.
    has_encoder: whether it can encode.

  Raises:
    UserError: no SavedModel, or a signature is missing or of another shape.
  """

  def __init__(self, uri: str, devices: Sequence[str] = ()):
    self._place = placement.claim(devices)
    with self._place.scope():
      self._model = _load(uri)
    signatures = self._model.signatures
    if "decode" not in signatures:
      raise errors.UserError(
        f"the generator {uri} has no signature `decode`; it has "
        f"{', '.join(sorted(signatures)) or 'none'}"
      )
    self._decode = signatures["decode"]
    self._encode = signatures.get("encode")
    self.has_encoder = self._encode is not None
    code = self._decode.structured_input_signature[1].get("code")
    image = self._decode.structured_outputs.get("image")
    self.image_size = _side(image)
    self.latent_size = _width(code)
    if not self.image_size or not self.latent_size:
      raise errors.UserError(
        f"the generator {uri} must decode code [n, z] to image "
        f"[n, s, s, 3]; it decodes {code} to {image}"
      )
    if self.has_encoder:
      self._check_encoder(uri)

  def encode(self, images: np.ndarray) -> np.ndarray:
    """Codes (means), float32 [n, z], of images [n, s, s, 3] in [0, 1]."""
    with self._place.scope():
      return self._encode(image=tf.constant(images, tf.float32))["mean"].numpy()

  def decode(self, codes: np.ndarray) -> np.ndarray:
    """Images, uint8 [n, s, s, 3], of codes [n, z]."""
    with self._place.scope():
      images = self._decode(code=tf.constant(codes, tf.float32))["image"]
      return tf.image.convert_image_dtype(images, tf.uint8, saturate=True).numpy()

  def _check_encoder(self, uri: str) -> None:
    image = self._encode.structured_input_signature[1].get("image")
    mean = self._encode.structured_outputs.get("mean")
    if (_side(image), _width(mean)) != (self.image_size, self.latent_size):
      raise errors.UserError(
        f"the generator {uri} decodes code [n, {self.latent_size}] to image "
        f"[n, {self.image_size}, {self.image_size}, 3], so it must encode "
        f"such an image to such a mean; it encodes {image} to {mean}"
      )


def _load(uri: str):
  folder = uri
  if not tf.io.gfile.exists(os.path.join(uri, "saved_model.pb")):
    folder = path_utils.serving_model_path(uri)
  try:
    return tf.saved_model.load(folder)
  except (OSError, ValueError, tf.errors.OpError) as error:
    reason = str(error).partition("\n")[0][:200]
    raise errors.UserError(f"{folder}: not a SavedModel that can be loaded: {reason}") from None


def to_jpeg(images: np.ndarray) -> list[bytes]:
  """Faces, uint8 [n, s, s, 3], as JPEG files of high quality."""
  return [
    tf.io.encode_jpeg(image, quality=_JPEG_QUALITY, chroma_downsampling=False).numpy()
    for image in images
  ]


def _side(image: tf.TensorSpec | None) -> int | None:
  """Side of images [n, s, s, 3]; None for anything else."""
  if image is None or image.shape.rank != 4:
    return None
  _, height, width, channels = image.shape
  return height if height == width and channels == 3 else None


def _width(code: tf.TensorSpec | None) -> int | None:
  """Width of codes [n, z]; None for anything else."""
  if code is None or code.shape.rank != 2:
    return None
  return code.shape[1]
