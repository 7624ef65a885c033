"""An engine as an artifact: `engine.json`, and the network in int8 if it is."""

import dataclasses
import json
import os
from collections.abc import Sequence

from components.shared.core import settings as settings_lib
from components.shared.core import stored_text
from components.shared.networks import engines, onnx_model
from components.shared.networks.agreement import Agreement
from components.shared.networks.engine_settings import Kind

_DESCRIPTION = "engine.json"
_INT8 = "network-int8.onnx"


@settings_lib.settings
class Description:
  """`engine.json`: which engine it is, and why.

  Attributes:
    kind: of the engine.
    reason: why this one, in a few words.
    float_layers: what `onnx_int8` leaves in float32.
    agreement: with the reference, for `onnx_int8`.
  """

  kind: Kind
  reason: str
  float_layers: tuple[str, ...] = ()
  agreement: Agreement | None = None

  def __str__(self) -> str:
    text = f"{self.kind} ({self.reason})"
    if self.agreement is not None:
      text += (
        f"; cosine to tensorflow's embeddings: median "
        f"{self.agreement.median:.4f}, 1st percentile "
        f"{self.agreement.low:.4f}"
      )
    if self.float_layers:
      text += f"; {len(self.float_layers)} layers in float32"
    return text


def int8_file(uri: str) -> str:
  """Where the network in int8 is."""
  return os.path.join(uri, _INT8)


def write(uri: str, description: Description) -> None:
  """Writes `engine.json`, last of all."""
  stored_text.write(
    os.path.join(uri, _DESCRIPTION), json.dumps(dataclasses.asdict(description), indent=1)
  )


def read(uri: str) -> Description:
  """Which engine an artifact holds."""
  return settings_lib.from_json(Description, stored_text.read(os.path.join(uri, _DESCRIPTION)))


def copies(uri: str, devices: Sequence[str] = ()) -> int:
  """How many copies of an engine a machine has use for: one a GPU.

  Args:
    uri: of the artifact.
    devices: as in `load`.
  """
  if read(uri).kind == "tensorflow":
    from components.shared.core import placement  # Imports TensorFlow.

    return len(devices or placement.devices())
  return 1


def load(uri: str, network_uri: str, devices: Sequence[str] = ()) -> engines.Engine:
  """The engine, ready to embed.

  Args:
    uri: of the artifact.
    network_uri: the Model artifact of `EmbeddingNetwork` it was made from.
    devices: names of devices, one of which TensorFlow takes; none: all GPUs,
      else the CPU.
  """
  kind = read(uri).kind
  if kind == "tensorflow":
    return engines.TensorFlowEngine(network_uri, devices)
  return engines.OnnxEngine(int8_file(uri) if kind == "onnx_int8" else onnx_model.file(network_uri))


def load_reference(uri: str, network_uri: str) -> engines.Engine:
  """The network in float32, which owes nothing to any photo, by the library
  of the engine.

  Args:
    uri: of the artifact.
    network_uri: the Model artifact of `EmbeddingNetwork` it was made from.
  """
  if read(uri).kind == "tensorflow":
    return engines.TensorFlowEngine(network_uri)
  return engines.OnnxEngine(onnx_model.file(network_uri))
