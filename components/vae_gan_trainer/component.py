"""VaeGanTrainer: faces -> a generator of faces."""

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.generators import sources
from components.vae_gan_trainer import executor
from components.vae_gan_trainer import settings as own_settings


class VaeGanTrainerSpec(component_spec.ComponentSpec):
  """Parameters and artifacts of `VaeGanTrainer`."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "checkpoint_root": component_spec.ExecutionParameter(type=str, optional=True),
    "start_sha256": component_spec.ExecutionParameter(type=str, optional=True),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {"examples": component_spec.ChannelParameter(type=standard_artifacts.Examples)}
  OUTPUTS = {
    "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
    "training_log": component_spec.ChannelParameter(type=artifacts.TrainingLog),
  }


class VaeGanTrainer(base_component.BaseComponent):
  """Learns a VAE-GAN from the photos of `training`.

  With `settings.start` it starts from a pretrained generator, whose weights'
  hash is the parameter `start_sha256`. All GPUs that it finds share each
  batch. It resumes from its checkpoints after a kill.

  Outputs:
    model: a SavedModel with the signatures of `export.save`, and
      `generator.json`.
    training_log: TensorBoard events with pictures, and `history.json`.
  """

  SPEC_CLASS = VaeGanTrainerSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    examples: types.BaseChannel,
    settings: own_settings.VaeGanSettings,
    checkpoint_root: str | None,
  ):
    """Makes the component.

    Args:
      examples: faces with the split `training`.
      settings: what is built and how it is trained.
      checkpoint_root: a folder that outlives a killed run; without one a
        killed training starts anew.
    """
    super().__init__(
      spec=VaeGanTrainerSpec(
        examples=examples,
        settings=settings_lib.to_json(settings),
        checkpoint_root=checkpoint_root,
        start_sha256=(sources.fingerprint(settings.start) if settings.start is not None else None),
        code=fingerprint.of_modules(executor.__name__),
        model=types.Channel(type=standard_artifacts.Model),
        training_log=types.Channel(type=artifacts.TrainingLog),
      )
    )
