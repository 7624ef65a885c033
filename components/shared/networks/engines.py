"""What computes embeddings: one class an engine, with one method."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from components.shared.networks import onnx_model, saved_model


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

  TensorFlow spreads each batch over all cores, or over one GPU, so that one
  copy a GPU, or a machine, is enough.
  """

  def __init__(self, network_uri: str, devices: Sequence[str] = ()):
    """Loads the network.

    Args:
      network_uri: the Model artifact of `EmbeddingNetwork`.
      devices: names of devices, one of which it takes; none: all GPUs, else
        the CPU.
    """
    # The other engine does without.
    import tensorflow as tf

    from components.shared.core import placement

    self._place = placement.claim(devices)
    with self._place.scope():
      self._loaded = tf.saved_model.load(saved_model.folder(network_uri))

  def embed(self, pixels: np.ndarray) -> np.ndarray:
    """See `Engine.embed`."""
    import tensorflow as tf

    with self._place.scope():
      result = self._loaded.signatures[saved_model.EMBED_PIXELS](
        **{saved_model.PIXELS: tf.cast(pixels, tf.float32)}
      )
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
      [saved_model.EMBEDDING], {saved_model.PIXELS: pixels.astype(np.float32)}
    )[0]
