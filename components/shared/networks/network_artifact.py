"""A face network as an artifact: `network.json`, SavedModel and ONNX file."""

import dataclasses
import json
import os
from typing import TYPE_CHECKING

from components.shared.core import stored_text
from components.shared.networks import onnx_model, saved_model

if TYPE_CHECKING:
  import keras

  from components.shared.networks import networks
  from components.shared.networks import weights as weights_lib
  from components.shared.networks.settings import EmbedderSettings

DESCRIPTION = "network.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Description:
  """`network.json`: which network it is.

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
  weights_layout: str | None = None


def make(settings: "EmbedderSettings", weights: "weights_lib.WeightsFile", uri: str) -> None:
  """Builds the network of the settings, fills it, and writes it.

  Raises:
    UserError: the file does not fit.
  """
  from components.shared.networks import networks  # Not to read one.

  network = networks.of(settings)
  model, layout = filled(network, weights)
  write(network, model, weights.sha256, uri, layout)


def filled(
  network: "networks.FaceNetwork", weights: "weights_lib.WeightsFile"
) -> tuple["keras.Model", str | None]:
  """A network with its weights, and how their file lays them out if there is
  one.

  Raises:
    UserError: the file does not fit.
  """
  model = network.build()
  if network.load_weights is None:
    return model, None
  return model, network.load_weights(model, weights.path)


def write(
  network: "networks.FaceNetwork",
  model: "keras.Model",
  weights_sha256: str,
  uri: str,
  weights_layout: str | None = None,
) -> None:
  """Writes a Model artifact; without its ONNX file where ONNX is missing."""
  saved_model.write(network, model, uri)
  if not onnx_model.missing_package():
    onnx_model.write(model, uri)
  description = Description(
    name=network.name,
    output=network.output,
    input_size=network.input_size,
    embedding_width=network.embedding_width,
    weights_sha256=weights_sha256,
    licence=network.licence,
    weights_layout=weights_layout,
  )
  stored_text.write(
    os.path.join(uri, DESCRIPTION), json.dumps(dataclasses.asdict(description), indent=1)
  )


def read(uri: str) -> Description:
  """Which network an artifact holds."""
  return Description(**json.loads(stored_text.read(os.path.join(uri, DESCRIPTION))))
