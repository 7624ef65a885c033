"""A face network as a SavedModel, within its artifact."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
  import keras

  from components.shared.networks import networks

_SAVED_MODEL = "Format-Serving"  # where TFX looks for a Model's SavedModel

EMBED_JPEG = "embed_jpeg"
EMBED_PIXELS = "embed_pixels"
IMAGE = "image"
PIXELS = "pixels"
EMBEDDING = "embedding"


def write(network: "networks.FaceNetwork", model: "keras.Model", uri: str) -> None:
  """Writes what TensorFlow alone can load, into a Model artifact.

  It has two signatures, both with the output `embedding`, float32 [n, width]:
  `embed_jpeg` (and default) takes `image`, string [n], encoded photos;
  `embed_pixels` takes `pixels`, float32 [n, size, size, 3], RGB, 0 to 255.
  """
  # Who only reads, or only wants the names above, does without.
  import tensorflow as tf

  @tf.function(input_signature=[tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, PIXELS)])
  def embed_pixels(pixels):
    return {EMBEDDING: model(pixels, training=False)}

  @tf.function(input_signature=[tf.TensorSpec([None], tf.string, IMAGE)])
  def embed_jpeg(image):
    return {EMBEDDING: model(network.decode_faces(image), training=False)}

  exported = tf.Module()
  # TensorFlow's own variables: Keras' would be saved beside them, once more.
  exported.weights = [variable.value for variable in model.variables]
  tf.saved_model.save(
    exported,
    folder(uri),
    signatures={
      tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY: embed_jpeg,
      EMBED_JPEG: embed_jpeg,
      EMBED_PIXELS: embed_pixels,
    },
  )


def folder(uri: str) -> str:
  """The SavedModel's folder within the artifact."""
  return os.path.join(uri, _SAVED_MODEL)
