"""How Beam's RunInference loads, batches and runs an engine."""

from collections.abc import Mapping, Sequence
from concurrent import futures
from typing import Any

import numpy as np
from apache_beam.ml.inference import base

from components.shared.networks import decoding, engine_artifact, engines


class FaceModelHandler(base.ModelHandler[bytes, np.ndarray, engines.Engine]):
  """Encoded photos to embeddings, float32 [width].

  Beam loads one engine a worker process, whatever its number of threads; or
  one a machine, one a GPU where there are several, that the machine's worker
  processes share: each decodes photos, and sends batches to them in turn.
  """

  def __init__(
    self,
    engine_uri: str,
    network_uri: str,
    *,
    input_size: int,
    batch_size: int,
    share: bool = False,
    devices: Sequence[str] = (),
  ):
    """Describes the engine; nothing is loaded yet.

    Args:
      engine_uri: the artifact of `EmbeddingEngine`.
      network_uri: the Model artifact of `EmbeddingNetwork`.
      input_size: height and width of the network's input in pixels.
      batch_size: photos a batch; the last one of a bundle may have fewer.
      share: whether there are several worker processes a machine, which are
        to share an engine. One process alone is faster without.
      devices: names of devices for engines; none: all GPUs, else the CPU.
    """
    super().__init__()
    self._engine_uri = engine_uri
    self._network_uri = network_uri
    self._input_size = input_size
    self._batch_size = batch_size
    self._share = share
    self._devices = tuple(devices)
    self._threads: futures.Executor | None = None

  @property
  def batch_size(self) -> int:
    """Photos a batch."""
    return self._batch_size

  def load_model(self) -> engines.Engine:
    """Loads the engine; called by Beam once for those that share it."""
    return engine_artifact.load(self._engine_uri, self._network_uri, self._devices)

  def share_model_across_processes(self) -> bool:
    """See `share` above."""
    return self._share

  def model_copies(self) -> int:
    """How many engines are shared; a process's own is always one."""
    if not self._share:
      return 1
    return engine_artifact.copies(self._engine_uri, self._devices)

  def batch_elements_kwargs(self) -> Mapping[str, Any]:
    """Batches of one size, so that no time goes into finding another."""
    return {"min_batch_size": self._batch_size, "max_batch_size": self._batch_size}

  def run_inference(
    self,
    batch: Sequence[bytes],
    model: engines.Engine,
    inference_args: dict[str, Any] | None = None,
  ) -> list[np.ndarray]:
    """Embeds a batch, keeping its order.

    Raises:
      UserError: a photo can't be decoded.
    """
    if self._threads is None:
      self._threads = decoding.threads()
    pixels = decoding.decode_faces(batch, self._input_size, self._threads)
    # A smaller batch may be summed in another order, so that an embedding's
    # last bits would depend on how Beam cut the batches.
    missing = self._batch_size - len(batch)
    padded = np.pad(pixels, ((0, missing), (0, 0), (0, 0), (0, 0)), "edge")
    return list(model.embed(padded)[: len(batch)])
