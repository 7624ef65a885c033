"""Builds a generator that a package ships, and exports it."""

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.shared import assets
from components.shared.generators import dcgan


class Executor(base_executor.BaseExecutor):
  """Executor of `PretrainedGenerator`."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """See the component."""
    model = dcgan.build()
    dcgan.load_weights(model, assets.fetch(exec_properties["name"]))
    dcgan.save(
      model, path_utils.serving_model_dir(artifact_utils.get_single_uri(output_dict["model"]))
    )
