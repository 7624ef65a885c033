"""How Beam's RunInference loads, batches and runs an engine."""

from typing import Any, Dict, List, Mapping, Optional, Sequence

from apache_beam.ml.inference import base
import numpy as np

from components.face_embedder import engine


class FaceModelHandler(base.ModelHandler[bytes, np.ndarray, engine.Engine]):
  """Encoded photos to embeddings, float32 [width].

  Beam loads one engine a worker process, whatever its number of threads.
  """

  def __init__(self, network_uri: str, batch_size: int):
    """Describes the engine; nothing is loaded yet.

    Args:
      network_uri: the Model artifact of `EmbeddingNetwork`.
      batch_size: photos a batch; the last one of a bundle may have fewer.
    """
    super().__init__()
    self._network_uri = network_uri
    self._batch_size = batch_size

  def load_model(self) -> engine.Engine:
    """Loads the engine; called by Beam once a process."""
    return engine.load(self._network_uri, self._batch_size)

  def batch_elements_kwargs(self) -> Mapping[str, Any]:
    """Batches of one size, so that no time goes into finding another."""
    return {"min_batch_size": self._batch_size,
            "max_batch_size": self._batch_size}

  def run_inference(
      self, batch: Sequence[bytes], model: engine.Engine,
      inference_args: Optional[Dict[str, Any]] = None) -> List[np.ndarray]:
    """Embeds a batch, keeping its order."""
    return list(model.embed(batch))
