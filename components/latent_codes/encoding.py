"""Codes of the photos that may be learned from."""

import numpy as np
import tensorflow as tf

from components.shared.core import errors, progress
from components.shared.data import examples, training_photos
from components.shared.generators import generator as generator_lib

_BATCH = 64


def encode(uri: str, generator: generator_lib.Generator) -> tuple[np.ndarray, np.ndarray]:
  """Encodes every photo of an Examples artifact's split `training`, in order.

  Args:
    uri: the Examples artifact; its split `reserved` is not read.
    generator: whose encoder is used.

  Returns:
    Codes, float32 [n, z], and file names, bytes [n]; none where the generator
    has no encoder.

  Raises:
    UserError: there are no photos.
  """
  if not generator.has_encoder:
    return np.zeros([0, generator.latent_size], np.float32), np.zeros(0, "S1")
  side = generator.image_size
  assert side is not None
  codes, image_ids = [], []
  photos = (
    training_photos.records(uri)
    .map(lambda record: (training_photos.square(record, side), _image_id(record)), tf.data.AUTOTUNE)
    .batch(_BATCH)
    .prefetch(1)
  )
  with progress.bar("encoding photos", None, "photo") as bar:
    for images, batch_ids in photos.as_numpy_iterator():
      codes.append(generator.encode(images.astype(np.float32) / 255.0))
      image_ids.extend(batch_ids)
      bar.update(len(batch_ids))
  if not codes:
    raise errors.UserError(f"no photos to encode in {uri}")
  return np.concatenate(codes), np.array(image_ids, "S")


def _image_id(record: tf.Tensor) -> tf.Tensor:
  return tf.io.parse_single_example(
    record, {examples.IMAGE_ID: tf.io.FixedLenFeature([], tf.string)}
  )[examples.IMAGE_ID]
