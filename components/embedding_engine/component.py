"""EmbeddingEngine: what runs the face network, chosen for the machine."""

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.embedding_engine import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.networks.engine_settings import EngineSettings


class EmbeddingEngineSpec(types.ComponentSpec):
  """Parameters and artifacts of `EmbeddingEngine`."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "faces": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "network": component_spec.ChannelParameter(type=standard_artifacts.Model),
  }
  OUTPUTS = {"engine": component_spec.ChannelParameter(type=artifacts.Engine)}


class EmbeddingEngine(base_component.BaseComponent):
  """Prepares a face network for the machine that embeds.

  Outputs:
    engine: which engine it is, how well it agrees with TensorFlow's float32
      embeddings, and its file where it has one of its own.
  """

  SPEC_CLASS = EmbeddingEngineSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self, *, faces: types.BaseChannel, network: types.BaseChannel, settings: EngineSettings
  ):
    """Describes the step.

    Args:
      faces: Examples with a split `training`, whose photos calibrate int8.
      network: the Model of `EmbeddingNetwork`.
      settings: which engine.
    """
    super().__init__(
      EmbeddingEngineSpec(
        faces=faces,
        network=network,
        settings=settings_lib.to_json(settings),
        code=fingerprint.of_modules(executor.__name__),
        engine=types.Channel(type=artifacts.Engine),
      )
    )
