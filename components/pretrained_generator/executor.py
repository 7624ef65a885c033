"""Builds a generator that a package ships, and exports it."""

from typing import Any, Dict, List

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components import assets
from components.pretrained_generator import dcgan


class Executor(base_executor.BaseExecutor):
  """Executor of `PretrainedGenerator`."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    """See the component."""
    model = dcgan.build()
    dcgan.load_weights(model, assets.fetch(exec_properties["name"]))
    dcgan.save(model, path_utils.serving_model_dir(
        artifact_utils.get_single_uri(output_dict["model"])))
