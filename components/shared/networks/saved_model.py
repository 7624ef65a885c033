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

  from components.shared.networks import weight_shards

  exported = tf.Module(name=network.name)
  # Not the Keras model: each of its variables would be saved a second time, as
  # a copy of the TensorFlow variable within it, which is what functions read.
  variables = [variable.value for variable in model.variables]
  setattr(exported, weight_shards.WEIGHTS, variables)

  def embed_pixels(pixels):
    return {EMBEDDING: model(pixels, training=False)}

  of_pixels = tf.function(
    embed_pixels,
    [tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, PIXELS)],
    autograph=False,
  )

  def embed_jpeg(image):
    return of_pixels(network.decode_faces(image))

  of_jpeg = tf.function(embed_jpeg, [tf.TensorSpec([None], tf.string, IMAGE)], autograph=False)
  tf.saved_model.save(
    exported,
    folder(uri),
    signatures={"serving_default": of_jpeg, EMBED_JPEG: of_jpeg, EMBED_PIXELS: of_pixels},
    options=weight_shards.save_options(),
  )


def folder(uri: str) -> str:
  """The SavedModel's folder within the artifact."""
  return os.path.join(uri, _SAVED_MODEL)
