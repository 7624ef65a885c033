"""AnnotationGen: what is known of photos -> a table."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec

from components.annotation_gen import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.data import settings as own_settings


class AnnotationGenSpec(component_spec.ComponentSpec):
  """Stored photos and annotations in, or none where the settings say where
  they are; a table out."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "others": component_spec.ExecutionParameter(type=str),
    "labels_fingerprint": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    executor.PHOTOS: component_spec.ChannelParameter(type=artifacts.Photos, optional=True),
    executor.LABELS: component_spec.ChannelParameter(type=artifacts.Annotations, optional=True),
  }
  OUTPUTS = {"annotations": component_spec.ChannelParameter(type=artifacts.AnnotationTable)}


class AnnotationGen(base_component.BaseComponent):
  """Reads annotations, and no photo.

  Outputs:
    annotations: `annotations.csv`, a column for each annotation to learn or to
      keep.
  """

  SPEC_CLASS = AnnotationGenSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    settings: own_settings.SourceSettings,
    labels_fingerprint: str,
    others: Sequence[str],
    **stored: types.BaseChannel,
  ):
    """Makes the component.

    Args:
      settings: where the photos and their annotations are.
      labels_fingerprint: `Plan.labels_fingerprint`; it makes changed
        annotations a reason to run again.
      others: annotations to keep besides those to learn.
      **stored: `photos` and `labels`, which take the place of
        `settings.path` and `settings.labels`.
    """
    super().__init__(
      spec=AnnotationGenSpec(
        settings=settings_lib.to_json(settings),
        others=json.dumps(list(others)),
        labels_fingerprint=labels_fingerprint,
        code=fingerprint.of_modules(executor.__name__),
        annotations=types.Channel(type=artifacts.AnnotationTable),
        **stored,
      )
    )
