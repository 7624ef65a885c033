"""Ladder: every step of the ladder on the same hand-labelled photos."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.ladder import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.learning.settings import ClassifierSettings


class LadderSpec(component_spec.ComponentSpec):
  """What goes in and what comes out."""

  INPUTS = {
    "first": component_spec.ChannelParameter(type=artifacts.Ladder),
    "embeddings": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "transform_graph": component_spec.ChannelParameter(type=standard_artifacts.TransformGraph),
    "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
    "directions": component_spec.ChannelParameter(type=artifacts.Directions),
  }
  OUTPUTS = {"ladder": component_spec.ChannelParameter(type=artifacts.Ladder)}
  PARAMETERS = {
    "attributes": component_spec.ExecutionParameter(type=str),
    "blocks": component_spec.ExecutionParameter(type=str),
    "settings": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }


class Ladder(base_component.BaseComponent):
  """Trains and evaluates the steps with synthetic faces, which the pushed model is
  measured against as it is against those of the first ladder.

  The step that is pushed is not trained again: its row is the pushed model's.
  """

  SPEC_CLASS = LadderSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    first: types.BaseChannel,
    embeddings: types.BaseChannel,
    transform_graph: types.BaseChannel,
    model: types.BaseChannel,
    directions: types.BaseChannel,
    settings: ClassifierSettings,
    attributes: Sequence[str],
    blocks: Sequence[int],
  ):
    """Args:
    first: of FirstLadder; its steps are taken over.
    embeddings: Examples with the splits of real and synthetic embeddings.
    transform_graph: what Transform learned.
    model: the model that is to be pushed.
    directions: of LatentDirections; says how many labels it used.
    settings: of the classifier.
    attributes: that were learned, in the order of their labels.
    blocks: widths of an embedding's parts.
    """
    super().__init__(
      LadderSpec(
        first=first,
        embeddings=embeddings,
        transform_graph=transform_graph,
        model=model,
        directions=directions,
        ladder=types.Channel(type=artifacts.Ladder),
        attributes=json.dumps(attributes),
        blocks=json.dumps(list(blocks)),
        settings=settings_lib.to_json(settings),
        code=fingerprint.of_modules(executor.__name__),
      )
    )
