"""Builds the chosen face network, fills it with its weights, and exports it."""

from collections.abc import Iterator
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.shared.core import errors
from components.shared.core import settings as settings_lib
from components.shared.data import examples, training_photos
from components.shared.networks import network_artifact, weights
from components.shared.networks.settings import EmbedderSettings


class Executor(base_executor.BaseExecutor):
  """Executor of `EmbeddingNetwork`."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    settings = settings_lib.from_json(EmbedderSettings, exec_properties["settings"])
    file = weights.locate(settings)
    if file.sha256 != exec_properties["weights_sha256"]:
      raise errors.UserError(f"{file.path} has changed since this run began; start it again")
    network_artifact.make(
      settings,
      file,
      artifact_utils.get_single_uri(output_dict["network"]),
      _photos(artifact_utils.get_single_uri(input_dict["faces"])),
    )


def _photos(uri: str) -> Iterator[bytes]:
  """Encoded photos that may be learned from."""
  for record in training_photos.records(uri).as_numpy_iterator():
    yield examples.decode(record)[examples.IMAGE]
