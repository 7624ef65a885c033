"""Reads photos and writes them as faces, split by split."""

import dataclasses
import json
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
from components.shared.data import splits as splits_lib

PHOTOS = "photos"
LABELS = "labels"
_DONE = "done"
_REJECTED = "rejected"


class Executor(base_beam_executor.BaseBeamExecutor):
  """Photos and annotations -> Examples of faces, and a Quarantine.

  Photos and annotations that come as artifacts take the place of those that
  the settings name.
  """

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Writes the splits of `examples` and the list in `quarantine`.

    Raises:
      UserError: the source, its annotations or the splits are wrong (before
        anything is written), too many photos are unreadable, or a split has
        none that can be used.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(own_settings.SourceSettings, exec_properties["settings"])
    splits = settings_lib.from_json(own_settings.SplitSettings, exec_properties["splits"])
    for name, field in ((PHOTOS, "path"), (LABELS, "labels")):
      if input_dict.get(name):
        settings = dataclasses.replace(
          settings, **{field: artifact_utils.get_single_uri(input_dict[name])}
        )
    plan = plan_lib.make(settings, splits, tuple(json.loads(exec_properties["others"])))
    logging.info("%s", plan.source.describe())
    faces = artifact_utils.get_single_instance(output_dict["examples"])
    aside = artifact_utils.get_single_uri(output_dict["quarantine"])

    with self._make_beam_pipeline() as pipeline:
      _write(pipeline, plan, faces.uri, aside)
    examples.set_splits(faces, examples.REAL_SPLITS)
    quarantine.keep_photos(aside, plan)
    quarantine.check(aside, plan, settings.max_quarantine_share)


def _write(pipeline: beam.Pipeline, plan: plan_lib.Plan, faces: str, aside: str) -> None:
  """Groups the plan, which is small, and never the photos."""
  placed = [photo for photo in plan.assigned if photo.split]
  shards = {
    split: examples.shards_for(sum(photo.split == split for photo in placed))
    for split in examples.REAL_SPLITS
  }
  hand_labeled = pipeline | "HandLabeled" >> copies.DigestHandLabeled(plan.source, placed)
  written = (
    pipeline
    | "Photos" >> beam.Create(placed)
    | "KeyByShard" >> beam.Map(_key_by_shard, shards)
    | "GroupByShard" >> beam.GroupByKey()
    | "WriteShard"
    >> beam.ParDo(_WriteShard(plan, faces, shards), beam.pvalue.AsDict(hand_labeled)).with_outputs(
      _REJECTED, main=_DONE
    )
  )
  _ = written[_DONE] | "Progress" >> counting.CountElements("photos", len(placed))
  set_aside = pipeline | "SetAside" >> beam.Create(
    [(p.image_id, p.reason) for p in plan.assigned if not p.split]
  )
  _ = (
    (written[_REJECTED], set_aside)
    | "AllRejected" >> beam.Flatten()
    | "Quarantine" >> quarantine.WriteList(aside)
  )


def _key_by_shard(
  photo: splits_lib.Assigned, shards: Mapping[str, int]
) -> tuple[tuple[str, int], splits_lib.Assigned]:
  shard = examples.shard_of(photo.image_id, shards[photo.split])
  return (photo.split, shard), photo


class _WriteShard(beam.DoFn):
  """((split, shard), Assigned...) -> a file, one photo at a time in memory.

  Without photos that are the same file as one of `hand_labeled`. Yields every
  image_id as it is done, and (image_id, reason) as `_REJECTED`.
  """

  def __init__(self, plan: plan_lib.Plan, faces: str, shards: Mapping[str, int]):
    super().__init__()
    self._source = plan.source
    self._attributes = plan.attributes
    self._others = plan.others
    self._faces = faces
    self._shards = shards

  def process(
    self,
    keyed: tuple[tuple[str, int], Iterable[splits_lib.Assigned]],
    hand_labeled: copies.HandLabeled,
  ) -> Iterator[Any]:
    (split, shard), assigned = keyed
    path = examples.shard_path(self._faces, split, shard, self._shards[split])
    with examples.open_shard(path) as writer:
      for photo in sorted(assigned, key=lambda photo: photo.image_id):
        try:
          writer.write(self._face(photo, hand_labeled))
        except photos.PhotoError as error:
          yield beam.pvalue.TaggedOutput(_REJECTED, (photo.image_id, str(error)))
        yield photo.image_id

  def _face(self, photo: splits_lib.Assigned, hand_labeled: copies.HandLabeled) -> bytes:
    data = self._source.read(photo.image_id)
    image = photos.to_jpeg(data)
    copied = copies.reason(photo.image_id, data, hand_labeled)
    if copied:
      raise photos.PhotoError(copied)
    features = dict(zip(self._others, photo.others, strict=True))
    for attribute, label, held_out_label in zip(
      self._attributes, photo.labels, photo.held_out_labels, strict=True
    ):
      features[examples.label(attribute)] = label
      features[examples.held_out_label(attribute)] = held_out_label
    features.update(
      {
        examples.IMAGE_ID: photo.image_id.encode(),
        examples.IMAGE: image,
        examples.DOMAIN: examples.REAL,
      }
    )
    return examples.encode(features)
