"""PretrainedGenerator: a generator that a package ships, as a Model."""

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.pretrained_generator import executor
from components.shared.core import fingerprint
from components.shared.generators import sources


class PretrainedGeneratorSpec(types.ComponentSpec):
  """Spec of PretrainedGenerator."""

  PARAMETERS = {
    "name": component_spec.ExecutionParameter(type=str),
    "weights_sha256": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {}
  OUTPUTS = {"model": component_spec.ChannelParameter(type=standard_artifacts.Model)}


class PretrainedGenerator(base_component.BaseComponent):
  """Exports a generator by name, instead of training one.

  Outputs:
    model: Model with the signature `decode` of `vae_gan_trainer.export.save`.
  """

  SPEC_CLASS = PretrainedGeneratorSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(self, *, name: str):
    """Makes the component.

    Args:
      name: one of `sources.NAMES`.
    """
    super().__init__(
      spec=PretrainedGeneratorSpec(
        name=name,
        weights_sha256=sources.fingerprint(name),
        code=fingerprint.of_modules(executor.__name__),
        model=types.Channel(type=standard_artifacts.Model),
      )
    )
