"""`ModelPusher`: TFX's Pusher, whose versions appear whole or not at all."""

from tfx import v1 as tfx
from tfx.dsl.components.base import executor_spec

from components.model_pusher import executor
from components.shared.core import fingerprint


class ModelPusher(tfx.components.Pusher):
  """Pushes a blessed model to a folder of versions.

  TFX's own executor copies file by file into the folder that servers look at,
  and calls a version after the clock: one that was killed leaves half a model
  there, and a clock that was put back makes the newest model look old.
  """

  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    model: tfx.dsl.Channel,
    blessing: tfx.dsl.Channel,
    infra_blessing: tfx.dsl.Channel,
    folder: str,
  ):
    """Connects the component.

    Args:
      model: Model, with a SavedModel.
      blessing: ModelBlessing.
      infra_blessing: of `ServingGate`.
      folder: to push to; a version is a folder in it, whose name is a number.
    """
    super().__init__(
      model=model,
      model_blessing=blessing,
      infra_blessing=infra_blessing,
      push_destination=tfx.proto.PushDestination(
        filesystem=tfx.proto.PushDestination.Filesystem(base_directory=folder)
      ),
      custom_config={"code": fingerprint.of_modules(executor.__name__)},
    )
