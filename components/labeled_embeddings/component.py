"""LabeledEmbeddings: where photos and labels meet."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.labeled_embeddings import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.data import settings as own_settings


class LabeledEmbeddingsSpec(types.ComponentSpec):
  """Parameters and artifacts of `LabeledEmbeddings`."""

  PARAMETERS = {
    "splits": component_spec.ExecutionParameter(type=str),
    "attributes": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "photos": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "annotations": component_spec.ChannelParameter(type=artifacts.AnnotationTable),
  }
  OUTPUTS = {"embeddings": component_spec.ChannelParameter(type=standard_artifacts.Examples)}


class LabeledEmbeddings(base_beam_component.BaseBeamComponent):
  """Gives embeddings their labels, and by them their splits.

  Outputs:
    embeddings: Examples with the splits `hand_labeled`, `labeled` and
      `unlabeled`. Of reserved photos, those without a label are left out.
  """

  SPEC_CLASS = LabeledEmbeddingsSpec
  EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

  def __init__(
    self,
    *,
    photos: types.BaseChannel,
    annotations: types.BaseChannel,
    splits: own_settings.SplitSettings,
    attributes: Sequence[str],
  ):
    """Describes the step.

    Args:
      photos: embeddings, with the splits `reserved` and `training`.
      annotations: of AnnotationGen.
      splits: which labels to learn from.
      attributes: the annotations to learn.
    """
    super().__init__(
      LabeledEmbeddingsSpec(
        photos=photos,
        annotations=annotations,
        splits=settings_lib.to_json(splits),
        attributes=json.dumps(attributes),
        code=fingerprint.of_modules(executor.__name__),
        embeddings=types.Channel(type=standard_artifacts.Examples),
      )
    )
