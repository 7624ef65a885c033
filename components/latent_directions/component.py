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


class LatentDirectionsSpec(types.ComponentSpec):
  """Spec of LatentDirections."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "attributes": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "codes": component_spec.ChannelParameter(type=artifacts.LatentCodes),
    "embeddings": component_spec.ChannelParameter(type=standard_artifacts.Examples),
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
    codes: types.BaseChannel,
    embeddings: types.BaseChannel,
    settings: DirectionSettings,
    attributes: Sequence[str],
  ):
    """Makes the component.

    Args:
      codes: of LatentCodes.
      embeddings: of LabeledEmbeddings, of the same photos.
      settings: how to find the direction.
      attributes: names of the attributes to find.
    """
    super().__init__(
      spec=LatentDirectionsSpec(
        settings=settings_lib.to_json(settings),
        attributes=json.dumps(attributes),
        code=fingerprint.of_modules(executor.__name__),
        codes=codes,
        embeddings=embeddings,
        directions=types.Channel(type=artifacts.Directions),
      )
    )
