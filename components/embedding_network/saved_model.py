"""A face network as an artifact: a SavedModel and a description beside it."""

import dataclasses
import json
import os
from typing import Optional

import keras
import tensorflow as tf

from components.embedding_network import networks

_DESCRIPTION = "network.json"
_SAVED_MODEL = "Format-Serving"  # where TFX looks for a Model's SavedModel

EMBED_JPEG = "embed_jpeg"
EMBED_PIXELS = "embed_pixels"
IMAGE = "image"
PIXELS = "pixels"
EMBEDDING = "embedding"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Description:
  """`network.json`: which network a SavedModel is.

  Attributes:
    name: the network's name in the settings.
    output: which of its outputs the embedding is.
    input_size: height and width of its input in pixels.
    embedding_width: length of an embedding.
    weights_sha256: of the file its weights came from.
    licence: of the weights.
    weights_layout: how that file lays them out, if they came from a file.
  """
  name: str
  output: str
  input_size: int
  embedding_width: int
  weights_sha256: str
  licence: str
  weights_layout: Optional[str] = None


def write(network: networks.FaceNetwork, model: keras.Model,
          weights_sha256: str, uri: str,
          weights_layout: Optional[str] = None) -> None:
  """Writes a Model artifact that TensorFlow alone can load.

  It has two signatures, both with the output `embedding`, float32 [n, width]:
  `embed_jpeg` (and default) takes `image`, string [n], encoded photos;
  `embed_pixels` takes `pixels`, float32 [n, size, size, 3], RGB, 0 to 255.
  """

  def embed_pixels(pixels):
    return {EMBEDDING: model(pixels, training=False)}

  def embed_jpeg(image):
    return embed_pixels(network.decode_faces(image))

  archive = keras.export.ExportArchive()
  archive.track(model)
  archive.add_endpoint(
      EMBED_JPEG, embed_jpeg,
      input_signature=[tf.TensorSpec([None], tf.string, IMAGE)])
  archive.add_endpoint(
      EMBED_PIXELS, embed_pixels,
      input_signature=[tf.TensorSpec([None, *model.input_shape[1:]],
                                     tf.float32, PIXELS)])
  archive.write_out(folder(uri), verbose=False)
  description = Description(
      name=network.name, output=network.output, input_size=network.input_size,
      embedding_width=network.embedding_width, weights_sha256=weights_sha256,
      licence=network.licence, weights_layout=weights_layout)
  with tf.io.gfile.GFile(os.path.join(uri, _DESCRIPTION), "w") as file:
    file.write(json.dumps(dataclasses.asdict(description), indent=1))


def folder(uri: str) -> str:
  """The SavedModel's folder within the artifact."""
  return os.path.join(uri, _SAVED_MODEL)


def description(uri: str) -> Description:
  """Which network an artifact holds."""
  with tf.io.gfile.GFile(os.path.join(uri, _DESCRIPTION)) as file:
    return Description(**json.loads(file.read()))
