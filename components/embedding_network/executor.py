"""Builds the chosen face network, fills it with its weights, and exports it."""

from typing import Any, Dict, List

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components import errors
from components import settings as settings_lib
from components.embedding_network import network_artifact
from components.embedding_network import weights
from components.embedding_network.settings import EmbedderSettings


class Executor(base_executor.BaseExecutor):
  """Executor of `EmbeddingNetwork`."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    settings = settings_lib.from_json(EmbedderSettings,
                                      exec_properties["settings"])
    file = weights.locate(settings)
    if file.sha256 != exec_properties["weights_sha256"]:
      raise errors.UserError(
          f"{file.path} has changed since this run began; start it again")
    network_artifact.make(
        settings, file, artifact_utils.get_single_uri(output_dict["network"]))
