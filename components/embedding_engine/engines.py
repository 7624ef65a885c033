"""What computes embeddings: one class an engine, with one method."""

from typing import Protocol

import numpy as np
import tensorflow as tf

from components.embedding_network import onnx_model
from components.embedding_network import saved_model


class Engine(Protocol):
  """A loaded face network."""

  def embed(self, pixels: np.ndarray) -> np.ndarray:
    """Embeds decoded faces.

    Args:
      pixels: uint8 or float32 [n, size, size, 3], RGB, 0 to 255.

    Returns:
      float32 [n, width].
    """


class TensorFlowEngine:
  """Runs the SavedModel of an `EmbeddingNetwork` artifact: the reference.

  TensorFlow spreads each batch over all cores, or over the GPU, so that one
  copy a machine is enough.
  """

  def __init__(self, network_uri: str):
    self._loaded = tf.saved_model.load(saved_model.folder(network_uri))

  def embed(self, pixels: np.ndarray) -> np.ndarray:
    """See `Engine.embed`."""
    result = self._loaded.signatures[saved_model.EMBED_PIXELS](
        **{saved_model.PIXELS: tf.cast(pixels, tf.float32)})
    return result[saved_model.EMBEDDING].numpy()


class OnnxEngine:
  """Runs an ONNX file with ONNX Runtime, on the CPU."""

  def __init__(self, model: str):
    """Loads the network.

    Args:
      model: the ONNX file.
    """
    self._session = onnx_model.session(model)

  def embed(self, pixels: np.ndarray) -> np.ndarray:
    """See `Engine.embed`."""
    return self._session.run(
        [saved_model.EMBEDDING],
        {saved_model.PIXELS: pixels.astype(np.float32)})[0]
