"""Reads photos and writes them as faces, split by split."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import apache_beam as beam
from absl import logging
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components.shared.artifacts import quarantine
from components.shared.core import counting
from components.shared.core import settings as settings_lib
from components.shared.data import copies, examples, photos
from components.shared.data import plan as plan_lib
from components.shared.data import settings as own_settings
from components.shared.data import source as source_lib

PHOTOS = "photos"
_DONE = "done"
_REJECTED = "rejected"


class Executor(base_beam_executor.BaseBeamExecutor):
  """Photos -> Examples of faces, and a Quarantine.

  Photos that come as an artifact take the place of those that the settings
  name.
  """

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Writes the splits of `examples` and the list in `quarantine`.

    Raises:
      UserError: the source or what is to be reserved of it is wrong (before
        anything is written), too many photos are unreadable, or a split has
        none that can be used.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(own_settings.PhotoSettings, exec_properties["settings"])
    reservation = settings_lib.from_json(
      own_settings.ReservationSettings, exec_properties["reservation"]
    )
    if input_dict.get(PHOTOS):
      path = artifact_utils.get_single_uri(input_dict[PHOTOS])
      settings = dataclasses.replace(settings, path=path)
    plan = plan_lib.photos(settings, reservation)
    logging.info("%s", plan.source.describe())
    faces = artifact_utils.get_single_instance(output_dict["examples"])
    aside = artifact_utils.get_single_uri(output_dict["quarantine"])

    with self._make_beam_pipeline() as pipeline:
      _write(pipeline, plan, faces.uri, aside)
    examples.set_splits(faces, examples.PHOTO_SPLITS)
    quarantine.keep_photos(aside, plan)
    quarantine.check(aside, plan, settings.max_quarantine_share)


def _write(pipeline: beam.Pipeline, plan: plan_lib.PhotoPlan, faces: str, aside: str) -> None:
  """Groups the plan, which is small, and never the photos."""
  shards = {
    split: examples.shards_for(sum(photo.split == split for photo in plan.placed))
    for split in examples.PHOTO_SPLITS
  }
  reserved = pipeline | "Reserved" >> copies.DigestReserved(plan)
  written = (
    pipeline
    | "Photos" >> beam.Create(plan.placed)
    | "KeyByShard" >> beam.Map(_key_by_shard, shards)
    | "GroupByShard" >> beam.GroupByKey()
    | "WriteShard"
    >> beam.ParDo(
      _WriteShard(plan.source, faces, shards), beam.pvalue.AsDict(reserved)
    ).with_outputs(_REJECTED, main=_DONE)
  )
  _ = written[_DONE] | "Progress" >> counting.CountElements("photos", len(plan.placed))
  _ = written[_REJECTED] | "Quarantine" >> quarantine.WriteList(aside)


def _key_by_shard(photo: plan_lib.Placed, shards: Mapping[str, int]) -> tuple[tuple[str, int], str]:
  shard = examples.shard_of(photo.image_id, shards[photo.split])
  return (photo.split, shard), photo.image_id


class _WriteShard(beam.DoFn):
  """((split, shard), image_id...) -> a file, one photo at a time in memory.

  Without photos that are the same file as a reserved one. Yields every
  image_id as it is done, and (image_id, reason) as `_REJECTED`.
  """

  def __init__(self, source: source_lib.Source, faces: str, shards: Mapping[str, int]):
    super().__init__()
    self._source = source
    self._faces = faces
    self._shards = shards

  def process(
    self, keyed: tuple[tuple[str, int], Iterable[str]], reserved: copies.Reserved
  ) -> Iterator[Any]:
    (split, shard), image_ids = keyed
    path = examples.shard_path(self._faces, split, shard, self._shards[split])
    with examples.open_shard(path) as writer:
      for image_id in sorted(image_ids):
        try:
          writer.write(self._face(image_id, reserved))
        except photos.PhotoError as error:
          yield beam.pvalue.TaggedOutput(_REJECTED, (image_id, str(error)))
        yield image_id

  def _face(self, image_id: str, reserved: copies.Reserved) -> bytes:
    data = self._source.read(image_id)
    image = photos.to_jpeg(data)
    copied = copies.reason(image_id, data, reserved)
    if copied:
      raise photos.PhotoError(copied)
    return examples.encode(
      {examples.IMAGE_ID: image_id.encode(), examples.IMAGE: image, examples.DOMAIN: examples.REAL}
    )
