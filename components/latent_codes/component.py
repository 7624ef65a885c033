"""LatentCodes: photos in a generator's latent space, and faces of its own."""

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.latent_codes import executor
from components.latent_codes.settings import SampleSettings
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.networks.engine_settings import EngineSettings


class LatentCodesSpec(types.ComponentSpec):
  """Spec of LatentCodes."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "engine_settings": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "faces": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
    "network": component_spec.ChannelParameter(type=standard_artifacts.Model),
    "engine": component_spec.ChannelParameter(type=artifacts.Engine),
  }
  OUTPUTS = {"codes": component_spec.ChannelParameter(type=artifacts.LatentCodes)}


class LatentCodes(base_component.BaseComponent):
  """What can be known of a generator before there is a label.

  Outputs:
    codes: see `components.shared.artifacts.latent_codes`.
  """

  SPEC_CLASS = LatentCodesSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    faces: types.BaseChannel,
    model: types.BaseChannel,
    network: types.BaseChannel,
    engine: types.BaseChannel,
    settings: SampleSettings,
    engine_settings: EngineSettings,
  ):
    """Makes the component.

    Args:
      faces: Examples with the split `training`.
      model: a generator, see `vae_gan_trainer.export.save`.
      network: of EmbeddingNetwork.
      engine: of EmbeddingEngine.
      settings: how many faces are drawn.
      engine_settings: how the engine is fed.
    """
    super().__init__(
      spec=LatentCodesSpec(
        settings=settings_lib.to_json(settings),
        engine_settings=settings_lib.to_json(engine_settings),
        code=fingerprint.of_modules(executor.__name__),
        faces=faces,
        model=model,
        network=network,
        engine=engine,
        codes=types.Channel(type=artifacts.LatentCodes),
      )
    )
