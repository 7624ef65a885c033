"""Builds the engine that runs a face network on this machine."""

from collections.abc import Sequence
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.embedding_engine import build
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.networks.engine_settings import EngineSettings


class Executor(base_executor.BaseExecutor):
  """Executor of `EmbeddingEngine`."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    settings = settings_lib.from_json(EngineSettings, exec_properties["settings"])
    faces_uri = artifact_utils.get_single_uri(input_dict["faces"])
    engine = artifact_utils.get_single_instance(output_dict["engine"])

    def read(count: int) -> Sequence[bytes]:
      records = examples.dataset(faces_uri, examples.TRAINING).take(count)
      return [examples.decode(record.numpy())[examples.IMAGE] for record in records]

    description = build.build(
      settings, artifact_utils.get_single_uri(input_dict["network"]), read, engine.uri
    )
    engine.set_string_custom_property("kind", description.kind)
    engine.set_string_custom_property("reason", description.reason)
