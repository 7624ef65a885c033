"""FaceExampleGen: photos and annotations -> Examples of faces."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.face_example_gen import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.data import settings as own_settings


class FaceExampleGenSpec(component_spec.ComponentSpec):
  """Photos in, or none where the settings say where they are; faces in three
  splits and the photos that were set aside out."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "splits": component_spec.ExecutionParameter(type=str),
    "others": component_spec.ExecutionParameter(type=str),
    "source_fingerprint": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    executor.PHOTOS: component_spec.ChannelParameter(type=artifacts.Photos, optional=True),
    executor.LABELS: component_spec.ChannelParameter(type=artifacts.Annotations, optional=True),
  }
  OUTPUTS = {
    "examples": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "quarantine": component_spec.ChannelParameter(type=artifacts.Quarantine),
  }


class FaceExampleGen(base_beam_component.BaseBeamComponent):
  """Reads photos once and writes them, checked, as sharded TFRecords.

  Outputs:
    examples: faces (`components.shared.data.examples`) in the splits `hand_labeled`,
      `labeled` and `unlabeled`; no file is in two of them, and none that is
      the same as one of `hand_labeled` but for its name is in any.
    quarantine: `quarantine.csv` (image_id, reason) and, in `photos/`, some of
      the rejected originals.
  """

  SPEC_CLASS = FaceExampleGenSpec
  EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

  def __init__(
    self,
    settings: own_settings.SourceSettings,
    splits: own_settings.SplitSettings,
    source_fingerprint: str,
    others: Sequence[str],
    photos: types.BaseChannel | None = None,
    labels: types.BaseChannel | None = None,
  ):
    """Makes the component.

    Args:
      settings: where the photos and their annotations are.
      splits: how they are divided.
      source_fingerprint: `plan.fingerprint(settings, splits)`; it makes
        changed photos a reason to run again.
      others: annotations to keep besides those to learn.
      photos: take the photos from there, instead of from `settings.path`.
      labels: take the annotations from there.
    """
    super().__init__(
      spec=FaceExampleGenSpec(
        settings=settings_lib.to_json(settings),
        splits=settings_lib.to_json(splits),
        source_fingerprint=source_fingerprint,
        others=json.dumps(list(others)),
        **{
          name: channel
          for name, channel in ((executor.PHOTOS, photos), (executor.LABELS, labels))
          if channel is not None
        },
        code=fingerprint.of_modules("components.face_example_gen.executor"),
        examples=types.Channel(type=standard_artifacts.Examples),
        quarantine=types.Channel(type=artifacts.Quarantine),
      )
    )
