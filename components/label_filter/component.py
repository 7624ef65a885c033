"""LabelFilter: synthetic faces that are not what their label says go."""

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.label_filter import executor
from components.label_filter.settings import FilterSettings
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib


class LabelFilterSpec(types.ComponentSpec):
  """Spec of LabelFilter."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "candidates": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "directions": component_spec.ChannelParameter(type=artifacts.Directions),
  }
  OUTPUTS = {
    "examples": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "counts": component_spec.ChannelParameter(type=artifacts.FilterCounts),
  }


class LabelFilter(base_beam_component.BaseBeamComponent):
  """Lets synthetic faces through whose label the scorer confirms.

  Outputs:
    examples: the embeddings that are kept, in the splits that they were in.
    counts: `kept.json`, how many were made and kept of each class.
  """

  SPEC_CLASS = LabelFilterSpec
  EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

  def __init__(
    self, *, candidates: types.BaseChannel, directions: types.BaseChannel, settings: FilterSettings
  ):
    """Makes the component.

    Args:
      candidates: Examples of embedded synthetic faces.
      directions: of LatentDirections, whose scorers judge.
      settings: which are kept.
    """
    super().__init__(
      LabelFilterSpec(
        settings=settings_lib.to_json(settings),
        code=fingerprint.of_modules(executor.__name__),
        candidates=candidates,
        directions=directions,
        examples=types.Channel(type=standard_artifacts.Examples),
        counts=types.Channel(type=artifacts.FilterCounts),
      )
    )
