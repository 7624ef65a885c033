"""FirstLadder: what labels are worth, before a generator is trained."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.first_ladder import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.learning.settings import ClassifierSettings


class FirstLadderSpec(types.ComponentSpec):
  """What goes in and what comes out."""

  INPUTS = {"embeddings": component_spec.ChannelParameter(type=standard_artifacts.Examples)}
  OUTPUTS = {"ladder": component_spec.ChannelParameter(type=artifacts.Ladder)}
  PARAMETERS = {
    "attributes": component_spec.ExecutionParameter(type=str),
    "blocks": component_spec.ExecutionParameter(type=str),
    "settings": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }


class FirstLadder(base_component.BaseComponent):
  """Trains and evaluates the steps of the ladder that need no synthetic face,
  and prints what came of them."""

  SPEC_CLASS = FirstLadderSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    embeddings: types.BaseChannel,
    settings: ClassifierSettings,
    attributes: Sequence[str],
    blocks: Sequence[int],
  ):
    """Describes the step.

    Args:
      embeddings: of photos, with labels.
      settings: of the classifier.
      attributes: to learn.
      blocks: widths of an embedding's parts.
    """
    super().__init__(
      FirstLadderSpec(
        embeddings=embeddings,
        ladder=types.Channel(type=artifacts.Ladder),
        attributes=json.dumps(attributes),
        blocks=json.dumps(list(blocks)),
        settings=settings_lib.to_json(settings),
        code=fingerprint.of_modules(executor.__name__),
      )
    )
