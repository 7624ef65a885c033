"""The engine that embedded the photos which a pushed model learned from.

It may be several times as fast as the face network within the SavedModel. ML
Metadata says which one it is, and that it was made from that very network.
Where that isn't known, or its packages aren't installed, ONNX Runtime takes the
face network that lies in the model's folder.
"""

import os
import pathlib
from typing import TYPE_CHECKING

from components.shared.core import hardware, progress
from components.shared.learning import arrays
from components.shared.networks import engine_artifact, engines, network_artifact, onnx_model
from pipeline import run_folder

if TYPE_CHECKING:
  from ml_metadata.proto import metadata_store_pb2


class RunEngine:
  """An engine, loaded.

  Attributes:
    engine: embeds.
    kind: of the engine.
    input_size: height and width of its input in pixels.
    width: of its embeddings.
  """

  def __init__(self, network_uri: str, engine_uri: str | None = None):
    """Loads it.

    Args:
      network_uri: the Model artifact of `EmbeddingNetwork`, or its description
        and ONNX file in another folder.
      engine_uri: the artifact of `EmbeddingEngine` that was made from it; None
        for the ONNX file.
    """
    network = network_artifact.read(network_uri)
    self.kind = "onnx_fp32" if engine_uri is None else engine_artifact.read(engine_uri).kind
    if engine_uri is None:
      self.engine: engines.Engine = engines.OnnxEngine(onnx_model.file(network_uri))
    elif (
      self.kind == "tensorflow"
      and not hardware.has_nvidia_driver()
      and (os.path.isfile(onnx_model.file(network_uri)) and onnx_model.is_installed("onnxruntime"))
    ):
      # The same numbers, without TensorFlow's import; it was for a GPU.
      self.kind = "onnx_fp32"
      self.engine = engines.OnnxEngine(onnx_model.file(network_uri))
    else:
      self.engine = engine_artifact.load(engine_uri, network_uri)
    self.input_size = network.input_size
    self.width = network.embedding_width


def of_pushed(model_path: pathlib.Path) -> RunEngine | None:
  """The engine of a pushed model.

  Args:
    model_path: the model's folder.

  Returns:
    None where nothing is known of where the model came from, and it brings no
    network for ONNX Runtime. If what is known is of no use, a note says so.
  """
  found = _of_run(model_path.absolute()) if onnx_model.is_installed("ml_metadata") else None
  own = str(model_path / arrays.FOLDER)
  if found is None and os.path.isfile(onnx_model.file(own)):
    if onnx_model.is_installed("onnxruntime") or not onnx_model.is_installed("tensorflow"):
      return RunEngine(own)
  return found


def _of_run(model_path: pathlib.Path) -> RunEngine | None:
  folder = run_folder.RunFolder(model_path.parent.parent)
  if model_path.parent != folder.pushed or not folder.config.is_file():
    return None
  from pipeline import lineage

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
      f"the model embeds by itself, which may be slower: the run's engine "
      f"can't be loaded ({reason})"
    )
    return None


def _connection(folder: run_folder.RunFolder) -> "metadata_store_pb2.ConnectionConfig":
  """How the run's ML Metadata is reached; nothing is written to it."""
  from pipeline import metadata_store

  url = folder.read_config().runtime.metadata
  if url is not None:
    metadata_store.prepare(url, folder.metadata)
  connection = metadata_store.connection(url, folder.metadata)
  if url is None:
    connection.sqlite.connection_mode = connection.sqlite.READONLY
  return connection
