"""Report's executor."""

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.report import making


class Executor(base_executor.BaseExecutor):
  """Gathers the figures and pictures of a run and renders the page."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """See the component."""
    making.make(
      exec_properties,
      {
        name: artifact_utils.get_single_uri(artifacts)
        for name, artifacts in input_dict.items()
        if artifacts
      },
      artifact_utils.get_single_uri(output_dict["report"]),
    )
