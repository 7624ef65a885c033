"""Builds the chosen face network, fills it with its weights, and exports it."""

from collections.abc import Iterator
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.shared.core import errors
from components.shared.core import settings as settings_lib
from components.shared.data import examples
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
    faces = artifact_utils.get_single_instance(input_dict["faces"])
    network_artifact.make(
      settings, file, artifact_utils.get_single_uri(output_dict["network"]), _photos(faces)
    )


def _photos(faces: types.Artifact) -> Iterator[bytes]:
  """Encoded photos of all splits but the one that judges."""
  for split in artifact_utils.decode_split_names(faces.split_names):
    if split != examples.HAND_LABELED:
      for record in examples.dataset(faces.uri, split).as_numpy_iterator():
        yield examples.decode(record)[examples.IMAGE]
