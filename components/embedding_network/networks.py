"""The pretrained face networks, by name."""

import dataclasses
import os
from typing import Callable, Mapping, Optional

import keras
import tensorflow as tf

from components import assets
from components.embedding_network import facenet
from components.embedding_network import preprocessing
from components.embedding_network.settings import EmbedderSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class FaceNetwork:
  """What has to be known of a network to embed faces with it.

  Attributes:
    name: its name in the settings.
    input_size: height and width of its input in pixels.
    embedding_width: length of an embedding.
    licence: of its published weights.
    asset: what of `assets.ASSETS` holds its weights, if anything does.
    build: makes the network without its weights: float32
      [n, input_size, input_size, 3] (RGB, 0 to 255) -> float32
      [n, embedding_width]. Scaling and centring are part of it.
    load_weights: fills a built network from a file, executing nothing of it;
      raises `UserError` if the file does not fit.
  """
  name: str
  input_size: int
  embedding_width: int
  licence: str
  asset: Optional[str]
  build: Callable[[], keras.Model]
  load_weights: Callable[[keras.Model, os.PathLike], None]

  def decode_faces(self, images: tf.Tensor) -> tf.Tensor:
    """Encoded photos, string [n], -> the network's input, float32."""
    return preprocessing.decode_faces(images, self.input_size)


FACENET = FaceNetwork(
    name="facenet",
    input_size=facenet.INPUT_SIZE,
    embedding_width=facenet.EMBEDDING_WIDTH,
    licence=assets.ASSETS["facenet"].licence,
    asset="facenet",
    build=facenet.build,
    load_weights=facenet.load_weights)

_BY_NAME: Mapping[str, FaceNetwork] = {n.name: n for n in (FACENET,)}


def of(settings: EmbedderSettings) -> FaceNetwork:
  """The network that the settings describe."""
  return _BY_NAME[settings.network]
