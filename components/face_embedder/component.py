"""FaceEmbedder: faces to embeddings, through a pretrained face network."""

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.face_embedder import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.networks.engine_settings import EngineSettings


class FaceEmbedderSpec(types.ComponentSpec):
  """Parameters and artifacts of `FaceEmbedder`."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "faces": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "network": component_spec.ChannelParameter(type=standard_artifacts.Model),
    "engine": component_spec.ChannelParameter(type=artifacts.Engine),
  }
  OUTPUTS = {"embeddings": component_spec.ChannelParameter(type=standard_artifacts.Examples)}


class FaceEmbedder(base_beam_component.BaseBeamComponent):
  """Embeds the photos of every split and keeps all else they come with.

  Outputs:
    embeddings: Examples with the splits of the faces.
  """

  SPEC_CLASS = FaceEmbedderSpec
  EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

  def __init__(
    self,
    *,
    faces: types.BaseChannel,
    network: types.BaseChannel,
    engine: types.BaseChannel,
    settings: EngineSettings,
  ):
    """Describes the step.

    Args:
      faces: Examples with the feature `image`.
      network: the Model of `EmbeddingNetwork`.
      engine: of `EmbeddingEngine`, made from that network.
      settings: how many photos a batch has.
    """
    super().__init__(
      FaceEmbedderSpec(
        faces=faces,
        network=network,
        engine=engine,
        settings=settings_lib.to_json(settings),
        code=fingerprint.of_modules(executor.__name__),
        embeddings=types.Channel(type=standard_artifacts.Examples),
      )
    )
