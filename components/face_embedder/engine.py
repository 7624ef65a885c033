"""What computes embeddings. Each engine is a class with one method."""

import os
from typing import Protocol, Sequence

import numpy as np
import tensorflow as tf

from components.embedding_network import saved_model


class Engine(Protocol):
  """A loaded face network."""

  def embed(self, images: Sequence[bytes]) -> np.ndarray:
    """Embeds encoded photos.

    Args:
      images: at most as many as the engine's batch size.

    Returns:
      float32 [n, width], in the order of the photos.
    """


class TensorFlowEngine:
  """Runs the SavedModel of an `EmbeddingNetwork` artifact.

  TensorFlow spreads each batch over all cores, so that one worker process a
  machine is enough.
  """

  def __init__(self, network_uri: str, batch_size: int):
    """Loads the network.

    Args:
      network_uri: the Model artifact.
      batch_size: photos a step.
    """
    self._loaded = tf.saved_model.load(saved_model.folder(network_uri))
    self._batch_size = batch_size

  def embed(self, images: Sequence[bytes]) -> np.ndarray:
    """See `Engine.embed`."""
    # A smaller batch may be summed in another order, so that an embedding's
    # last bits would depend on how Beam cut the batches.
    padding = [images[-1]] * (self._batch_size - len(images))
    result = self._loaded.signatures[saved_model.EMBED_JPEG](
        **{saved_model.IMAGE: tf.constant([*images, *padding])})
    return result[saved_model.EMBEDDING].numpy()[:len(images)]


def load(network_uri: os.PathLike, batch_size: int) -> Engine:
  """The engine for this machine."""
  return TensorFlowEngine(os.fspath(network_uri), batch_size)
