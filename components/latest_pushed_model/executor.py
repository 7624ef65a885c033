"""Looks for the newest model in the folder that models are pushed to."""

from typing import Any

from absl import logging
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.shared.artifacts import versions


class Executor(base_executor.BaseExecutor):
  """A folder of versions -> the newest of them as a Model."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Copies the newest pushed model, or else the candidate."""
    self._log_startup(input_dict, output_dict, exec_properties)
    found = versions.newest(exec_properties["pushed"])
    if found is None:
      logging.info(
        "no model was pushed to %s yet: the candidate is compared with itself",
        exec_properties["pushed"],
      )
      found = path_utils.serving_model_path(artifact_utils.get_single_uri(input_dict["candidate"]))
    uri = artifact_utils.get_single_uri(output_dict["model"])
    versions.copy(found, path_utils.serving_model_dir(uri))
