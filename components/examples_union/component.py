"""ExamplesUnion: real and synthetic embeddings as one artifact."""

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.examples_union import executor
from components.shared.core import fingerprint


class ExamplesUnionSpec(types.ComponentSpec):
  """Parameters and artifacts of `ExamplesUnion`."""

  PARAMETERS = {"code": component_spec.ExecutionParameter(type=str)}
  INPUTS = {
    "first": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "second": component_spec.ChannelParameter(type=standard_artifacts.Examples),
  }
  OUTPUTS = {"examples": component_spec.ChannelParameter(type=standard_artifacts.Examples)}


class ExamplesUnion(base_beam_component.BaseBeamComponent):
  """Real and synthetic embeddings together, for checks, Transform and Trainer.

  Outputs:
    examples: Examples with the splits of both. Every record also has
      `distance_from_photos`, to the mean of `unlabeled`, whose drift shows a
      generator that draws the same face again and again.
  """

  SPEC_CLASS = ExamplesUnionSpec
  EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

  def __init__(self, *, first: types.BaseChannel, second: types.BaseChannel):
    """Describes the step.

    Args:
      first: Examples of embeddings.
      second: Examples of embeddings, with no split of the first one's names;
        one of the two has the split `unlabeled`.
    """
    super().__init__(
      ExamplesUnionSpec(
        first=first,
        second=second,
        code=fingerprint.of_modules(executor.__name__),
        examples=types.Channel(type=standard_artifacts.Examples),
      )
    )
