"""SyntheticFaceGen: a generator and a direction -> labelled faces."""

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.synthetic_face_gen import executor
from components.synthetic_face_gen import settings as own_settings


class SyntheticFaceGenSpec(component_spec.ComponentSpec):
  """Parameters and artifacts of `SyntheticFaceGen`."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "directions": component_spec.ChannelParameter(type=artifacts.Directions),
    "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
  }
  OUTPUTS = {
    "examples": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "pictures": component_spec.ChannelParameter(type=artifacts.Pictures),
  }


class SyntheticFaceGen(base_beam_component.BaseBeamComponent):
  """Decodes faces whose labels are known by construction.

  Outputs:
    examples: faces (`components.shared.data.examples`) in the splits `synthetic_train`
      and `synthetic_eval`, half of those made for an attribute with it.
    pictures: of each attribute, a contact sheet with faces of both classes,
      and photos moved along the direction (`pictures.path`).
  """

  SPEC_CLASS = SyntheticFaceGenSpec
  EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

  def __init__(
    self,
    *,
    model: types.BaseChannel,
    directions: types.BaseChannel,
    settings: own_settings.SyntheticSettings,
  ):
    """Makes the component.

    Args:
      model: a generator, see `vae_gan_trainer.export.save`.
      directions: of LatentDirections, in that generator's latent space.
      settings: which codes are decoded, and how many.
    """
    super().__init__(
      spec=SyntheticFaceGenSpec(
        settings=settings_lib.to_json(settings),
        code=fingerprint.of_modules(executor.__name__),
        model=model,
        directions=directions,
        examples=types.Channel(type=standard_artifacts.Examples),
        pictures=types.Channel(type=artifacts.Pictures),
      )
    )
