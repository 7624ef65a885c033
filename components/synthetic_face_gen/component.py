"""SyntheticFaceGen: a generator and a few labels -> labelled faces."""

from tfx import types
from tfx.dsl.components.base import base_component
from tfx.dsl.components.base import executor_spec
from tfx.types import component_spec
from tfx.types import standard_artifacts

from components import artifacts
from components import fingerprint
from components import settings as settings_lib
from components.synthetic_face_gen import executor
from components.synthetic_face_gen import settings as own_settings


class SyntheticFaceGenSpec(component_spec.ComponentSpec):
  """Parameters and artifacts of `SyntheticFaceGen`."""
  PARAMETERS = {
      "settings": component_spec.ExecutionParameter(type=str),
      "attribute": component_spec.ExecutionParameter(type=str),
      "code": component_spec.ExecutionParameter(type=str),
  }
  # TFX refuses an input and an output of one name.
  INPUTS = {
      "photos": component_spec.ChannelParameter(
          type=standard_artifacts.Examples),
      "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
  }
  OUTPUTS = {
      "examples": component_spec.ChannelParameter(
          type=standard_artifacts.Examples),
      "directions": component_spec.ChannelParameter(
          type=artifacts.Directions),
      "pictures": component_spec.ChannelParameter(type=artifacts.Pictures),
  }


class SyntheticFaceGen(base_component.BaseComponent):
  """Decodes faces whose label is known by construction.

  Outputs:
    examples: faces (`components.examples`) in the splits `synthetic_train`
      and `synthetic_eval`, half of each with the attribute.
    directions: `directions.json` (see `directions.Direction`) and
      `latents.npz`, the photos' codes.
    pictures: `contact_sheet.png`, faces of each class, and
      `interpolation.png`, photos moved along the direction.
  """
  SPEC_CLASS = SyntheticFaceGenSpec
  EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

  def __init__(self, *, examples: types.BaseChannel, model: types.BaseChannel,
               settings: own_settings.SyntheticSettings, attribute: str):
    """Makes the component.

    Args:
      examples: faces with the splits `labeled` and `unlabeled`.
      model: a generator, see `vae_gan_trainer.export.save`.
      settings: which codes are decoded, and how many.
      attribute: name of the attribute that `label` annotates, for titles.
    """
    super().__init__(spec=SyntheticFaceGenSpec(
        settings=settings_lib.to_json(settings),
        attribute=attribute,
        code=fingerprint.of_modules(executor.__name__),
        photos=examples,
        model=model,
        examples=types.Channel(type=standard_artifacts.Examples),
        directions=types.Channel(type=artifacts.Directions),
        pictures=types.Channel(type=artifacts.Pictures)))
