"""LatestPushedModel: what a candidate is to be compared with."""

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.latest_pushed_model import executor
from components.shared.core import fingerprint


class LatestPushedModelSpec(component_spec.ComponentSpec):
  """A candidate and a folder of versions in, a Model out."""

  PARAMETERS = {
    "pushed": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {"candidate": component_spec.ChannelParameter(type=standard_artifacts.Model)}
  OUTPUTS = {"model": component_spec.ChannelParameter(type=standard_artifacts.Model)}


class LatestPushedModel(base_component.BaseComponent):
  """The newest model that was blessed and pushed.

  It takes the place of TFX's Resolver where ML Metadata can't be asked:
  Kubeflow Pipelines refuses resolvers. What it finds is outside the pipeline,
  so its result must not be taken from a cache.

  Outputs:
    model: the newest version of the folder; where there is none yet, the
      candidate itself, which loses nothing against itself.
  """

  SPEC_CLASS = LatestPushedModelSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(self, *, candidate: types.BaseChannel, pushed: str):
    """Makes the component.

    Args:
      candidate: the model that is new.
      pushed: folder that Pusher pushes to.
    """
    super().__init__(
      spec=LatestPushedModelSpec(
        candidate=candidate,
        pushed=pushed,
        code=fingerprint.of_modules(executor.__name__),
        model=types.Channel(type=standard_artifacts.Model),
      )
    )
