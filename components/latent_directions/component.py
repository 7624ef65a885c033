"""LatentDirections: where an attribute lies in a generator's latent space."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.latent_directions import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.learning.direction_settings import DirectionSettings
from components.shared.networks.engine_settings import EngineSettings


class LatentDirectionsSpec(types.ComponentSpec):
  """Spec of LatentDirections."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "engine_settings": component_spec.ExecutionParameter(type=str),
    "attributes": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "faces": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "embeddings": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
    "network": component_spec.ChannelParameter(type=standard_artifacts.Model),
    "engine": component_spec.ChannelParameter(type=artifacts.Engine),
  }
  OUTPUTS = {"directions": component_spec.ChannelParameter(type=artifacts.Directions)}


class LatentDirections(base_component.BaseComponent):
  """Finds attributes' directions, with all labels and without each fold's.

  Outputs:
    directions: `directions.json` (see `directions.Direction`), `scorers.npz`
      (`scorer.Scorer`) and `latents.npz`, the photos' codes.
  """

  SPEC_CLASS = LatentDirectionsSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    faces: types.BaseChannel,
    embeddings: types.BaseChannel,
    model: types.BaseChannel,
    network: types.BaseChannel,
    engine: types.BaseChannel,
    settings: DirectionSettings,
    engine_settings: EngineSettings,
    attributes: Sequence[str],
  ):
    """Makes the component.

    Args:
      faces: Examples with the splits `labeled` and `unlabeled`.
      embeddings: of the same photos.
      model: a generator, see `vae_gan_trainer.export.save`.
      network: of EmbeddingNetwork.
      engine: of EmbeddingEngine.
      settings: how to find the direction.
      engine_settings: how the engine is fed.
      attributes: names of the attributes to find.
    """
    super().__init__(
      spec=LatentDirectionsSpec(
        settings=settings_lib.to_json(settings),
        engine_settings=settings_lib.to_json(engine_settings),
        attributes=json.dumps(attributes),
        code=fingerprint.of_modules(executor.__name__),
        faces=faces,
        embeddings=embeddings,
        model=model,
        network=network,
        engine=engine,
        directions=types.Channel(type=artifacts.Directions),
      )
    )
