"""FaceExampleGen: photos -> Examples of faces."""

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.face_example_gen import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.data import settings as own_settings


class FaceExampleGenSpec(component_spec.ComponentSpec):
  """Photos in, or none where the settings say where they are; faces in two
  splits and the photos that were set aside out."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "reservation": component_spec.ExecutionParameter(type=str),
    "photos_fingerprint": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {executor.PHOTOS: component_spec.ChannelParameter(type=artifacts.Photos, optional=True)}
  OUTPUTS = {
    "examples": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "quarantine": component_spec.ChannelParameter(type=artifacts.Quarantine),
  }


class FaceExampleGen(base_beam_component.BaseBeamComponent):
  """Reads photos once and writes them, checked, as sharded TFRecords.

  It knows no labels: one label more changes nothing here.

  Outputs:
    examples: faces (`components.shared.data.examples`) in the splits `reserved`,
      for evaluation, and `training`; no file is in both, and none that is the
      same as one of `reserved` but for its name is in any.
    quarantine: `quarantine.csv` (image_id, reason) and, in `photos/`, some of
      the rejected originals.
  """

  SPEC_CLASS = FaceExampleGenSpec
  EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

  def __init__(
    self,
    *,
    settings: own_settings.PhotoSettings,
    reservation: own_settings.ReservationSettings,
    photos_fingerprint: str,
    photos: types.BaseChannel | None = None,
  ):
    """Makes the component.

    Args:
      settings: where the photos are.
      reservation: which of them are for evaluation.
      photos_fingerprint: `Plan.photos_fingerprint`; it makes changed photos a
        reason to run again.
      photos: take the photos from there, instead of from `settings.path`.
    """
    super().__init__(
      spec=FaceExampleGenSpec(
        settings=settings_lib.to_json(settings),
        reservation=settings_lib.to_json(reservation),
        photos_fingerprint=photos_fingerprint,
        **({} if photos is None else {executor.PHOTOS: photos}),
        code=fingerprint.of_modules("components.face_example_gen.executor"),
        examples=types.Channel(type=standard_artifacts.Examples),
        quarantine=types.Channel(type=artifacts.Quarantine),
      )
    )
