"""ServingGate: is the exported model fit to be served?"""

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.serving_gate import executor
from components.serving_gate.settings import ServingSettings
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib


class ServingGateSpec(component_spec.ComponentSpec):
  """Parameters and artifacts of `ServingGate`."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
    "blessing": component_spec.ChannelParameter(type=standard_artifacts.ModelBlessing),
    "evaluation": component_spec.ChannelParameter(type=standard_artifacts.ModelEvaluation),
    "faces": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "embeddings": component_spec.ChannelParameter(type=standard_artifacts.Examples),
  }
  OUTPUTS = {
    "infra_blessing": component_spec.ChannelParameter(type=standard_artifacts.InfraBlessing)
  }


class ServingGate(base_component.BaseComponent):
  """Has a clean process load the exported model and answer requests.

  TFX's InfraValidator does that with TensorFlow Serving in a container, which
  a laptop may not have and Kubeflow's second version doesn't know. Here a
  process that has TensorFlow and nothing of this project loads the model into
  a session, as TensorFlow Serving does. What it answers has to be what was
  validated, within bounds of time and memory, or the model is not pushed.

  Outputs:
    infra_blessing: `serving.json`, and the baseline for monitoring that is
      pushed with the model.
  """

  SPEC_CLASS = ServingGateSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    model: types.BaseChannel,
    blessing: types.BaseChannel,
    evaluation: types.BaseChannel,
    faces: types.BaseChannel,
    embeddings: types.BaseChannel,
    settings: ServingSettings,
  ):
    """Makes the component.

    Args:
      model: Model, with a SavedModel.
      blessing: of the Evaluator; a model without is not tried.
      evaluation: of the Evaluator.
      faces: Examples of real photos.
      embeddings: Examples of their embeddings.
      settings: bounds.
    """
    super().__init__(
      spec=ServingGateSpec(
        model=model,
        blessing=blessing,
        evaluation=evaluation,
        faces=faces,
        embeddings=embeddings,
        settings=settings_lib.to_json(settings),
        code=fingerprint.of_modules(executor.__name__, "components.shared.learning.serve_alone"),
        infra_blessing=types.Channel(type=standard_artifacts.InfraBlessing),
      )
    )
