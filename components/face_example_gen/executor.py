"""Reads photos and writes them as faces, split by split."""

from typing import Any, Dict, Iterator, List, Tuple

from absl import logging
import apache_beam as beam
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components import examples
from components import progress
from components import settings as settings_lib
from components.face_example_gen import photos
from components.face_example_gen import plan as plan_lib
from components.face_example_gen import quarantine
from components.face_example_gen import settings as own_settings
from components.face_example_gen import source
from components.face_example_gen import splits as splits_lib

_REJECTED = "rejected"


class Executor(base_beam_executor.BaseBeamExecutor):
  """Photos and annotations -> Examples of faces, and a Quarantine."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    """Writes the splits of `examples` and the list in `quarantine`.

    Raises:
      UserError: the source, its annotations or the splits are wrong (before
        anything is written), too many photos are unreadable, or a split has
        none that is readable.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(
        own_settings.SourceSettings, exec_properties["settings"])
    splits = settings_lib.from_json(
        own_settings.SplitSettings, exec_properties["splits"])
    plan = plan_lib.make(settings, splits)
    logging.info("%s", plan.source.describe())
    faces = artifact_utils.get_single_instance(output_dict["examples"])
    aside = artifact_utils.get_single_uri(output_dict["quarantine"])

    with self._make_beam_pipeline() as pipeline:
      _write(pipeline, plan, faces.uri, aside)
    examples.set_splits(faces, examples.REAL_SPLITS)
    quarantine.keep_photos(aside, plan)
    quarantine.check(aside, plan, settings.max_quarantine_share)


def _write(pipeline: beam.Pipeline, plan: plan_lib.Plan, faces: str,
           aside: str) -> None:
  read = (
      pipeline
      | "Photos" >> beam.Create(plan.assigned)
      | "Spread" >> beam.Reshuffle()
      | "Progress" >> progress.CountElements("photos", len(plan.assigned))
      | "Read" >> beam.ParDo(_Read(plan.source, plan.others)).with_outputs(
          _REJECTED, *examples.REAL_SPLITS))
  for split in examples.REAL_SPLITS:
    count = sum(photo.split == split for photo in plan.assigned)
    _ = read[split] | f"Write[{split}]" >> examples.WriteSplit(
        faces, split, examples.shards_for(count))
  _ = read[_REJECTED] | "Quarantine" >> quarantine.WriteList(aside)


class _Read(beam.DoFn):
  """Assigned -> (image_id, tf.Example) by split, or (image_id, reason)."""

  def __init__(self, opened: source.Source, others: Tuple[str, ...]):
    super().__init__()
    self._source = opened
    self._others = others

  def process(self, photo: splits_lib.Assigned) -> Iterator[Any]:
    try:
      if photo.split is None:
        raise photos.PhotoError(photo.reason)
      image = photos.to_jpeg(self._source.read(photo.image_id))
    except photos.PhotoError as error:
      yield beam.pvalue.TaggedOutput(_REJECTED, (photo.image_id, str(error)))
      return
    features = dict(zip(self._others, photo.others))
    features.update({
        examples.IMAGE_ID: photo.image_id.encode(),
        examples.IMAGE: image,
        examples.DOMAIN: examples.REAL,
        examples.LABEL: photo.label,
        examples.HELD_OUT_LABEL: photo.held_out_label,
    })
    yield beam.pvalue.TaggedOutput(
        photo.split, (photo.image_id, examples.encode(features)))
