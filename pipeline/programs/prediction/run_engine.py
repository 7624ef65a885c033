"""The engine that embedded the photos which a pushed model learned from.

It may be several times as fast as the face network within the model. ML
Metadata says which one it is, and that it was made from that very network.
"""

import os
import pathlib

from ml_metadata.proto import metadata_store_pb2

from components.shared.core import hardware, progress
from components.shared.networks import engine_artifact, engines, network_artifact, onnx_model
from pipeline import lineage, metadata_store, run_folder


class RunEngine:
  """An engine, loaded.

  Attributes:
    engine: embeds.
    kind: of the engine.
    input_size: height and width of its input in pixels.
    width: of its embeddings.
  """

  def __init__(self, network_uri: str, engine_uri: str):
    """Loads it.

    Args:
      network_uri: the Model artifact of `EmbeddingNetwork`.
      engine_uri: the artifact of `EmbeddingEngine` that was made from it.
    """
    network = network_artifact.read(network_uri)
    self.kind = engine_artifact.read(engine_uri).kind
    if (
      self.kind == "tensorflow"
      and not hardware.has_nvidia_driver()
      and (os.path.isfile(onnx_model.file(network_uri)) and not onnx_model.missing_package())
    ):
      # The same numbers, without TensorFlow's import; it was for a GPU.
      self.kind = "onnx_fp32"
      self.engine: engines.Engine = engines.OnnxEngine(onnx_model.file(network_uri))
    else:
      self.engine = engine_artifact.load(engine_uri, network_uri)
    self.input_size = network.input_size
    self.width = network.embedding_width


def of_pushed(model_path: pathlib.Path) -> RunEngine | None:
  """The engine of a pushed model.

  Args:
    model_path: the model's folder.

  Returns:
    None where that is not in the folder of a run, or nothing is known of where
    the model came from. If what is known is of no use, a note says so.
  """
  model_path = model_path.absolute()
  folder = run_folder.RunFolder(model_path.parent.parent)
  if model_path.parent != folder.pushed or not folder.config.is_file():
    return None
  try:
    found = lineage.embedder_of(
      _connection(folder), model_path.name, str(folder.tfx_root.absolute())
    )
    if found is None:
      return None
    return RunEngine(found.network, found.engine)
  except Exception as error:  # pylint: disable=broad-except
    # Of three libraries, none of which is worth its import to name its errors.
    reason = str(error).strip().partition("\n")[0]
    progress.note(
      f"the model embeds by itself, which is slower: the run's engine can't be loaded ({reason})"
    )
    return None


def _connection(folder: run_folder.RunFolder) -> metadata_store_pb2.ConnectionConfig:
  """How the run's ML Metadata is reached; nothing is written to it."""
  url = folder.read_config().runtime.metadata
  if url is not None:
    metadata_store.prepare(url, folder.metadata)
  connection = metadata_store.connection(url, folder.metadata)
  if url is None:
    connection.sqlite.connection_mode = connection.sqlite.READONLY
  return connection
