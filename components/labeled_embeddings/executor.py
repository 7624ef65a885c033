"""Joins embeddings of photos with what is known of them, by file name."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import apache_beam as beam
import tensorflow as tf
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components.shared.artifacts import annotation_table
from components.shared.core import counting, progress
from components.shared.core import settings as settings_lib
from components.shared.data import annotations, examples, source, splits, write_split
from components.shared.data import settings as own_settings

_Place = tuple[str, annotations.Values]
"""A photo's split, and the values of the features that it is given."""


class Executor(base_beam_executor.BaseBeamExecutor):
  """Embeddings of photos and an AnnotationTable -> embeddings with labels."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Writes the splits.

    Raises:
      UserError: a split would lack photos of a class.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(own_settings.SplitSettings, exec_properties["splits"])
    attributes = json.loads(exec_properties["attributes"])
    photos = artifact_utils.get_single_uri(input_dict["photos"])
    joined = artifact_utils.get_single_instance(output_dict["embeddings"])
    table = annotation_table.read(artifact_utils.get_single_uri(input_dict["annotations"]))
    assigned = _assign(photos, table, attributes, settings)
    counts = {
      split: sum(photo.split == split for photo in assigned) for split in examples.REAL_SPLITS
    }
    progress.note(_said(counts, sum(photo.split is None for photo in assigned)))
    names, places = _features(assigned, table, attributes)
    files = [
      path for split in examples.PHOTO_SPLITS for path in examples.split_files(photos, split)
    ]
    with self._make_beam_pipeline() as pipeline:
      placed = pipeline | "Places" >> beam.Create(places.items())
      split_up = (
        pipeline
        | "Files" >> beam.Create(files)
        | "Spread" >> beam.Reshuffle()
        | "Join" >> beam.FlatMap(_join, names, beam.pvalue.AsDict(placed))
        | "Progress" >> counting.CountElements("join", sum(counts.values()))
        | beam.Partition(
          lambda pair, _: examples.REAL_SPLITS.index(pair[0]), len(examples.REAL_SPLITS)
        )
      )
      for split, pairs in zip(examples.REAL_SPLITS, split_up, strict=True):
        _ = (
          pairs
          | f"Unkey[{split}]" >> beam.Values()
          | f"Write[{split}]"
          >> write_split.WriteSplit(joined.uri, split, examples.shards_for(counts[split]))
        )
    examples.set_splits(joined, examples.REAL_SPLITS)


def _assign(
  uri: str, table: annotations.Table, attributes: list[str], settings: own_settings.SplitSettings
) -> list[splits.Assigned]:
  """What each embedded photo is for."""
  image_ids = {split: _image_ids(uri, split) for split in examples.PHOTO_SPLITS}
  unknown = (None,) * len(table.attributes)
  return splits.assign(
    (
      source.Row(i, dict(zip(table.attributes, table.values.get(i, unknown), strict=True)))
      for of_split in image_ids.values()
      for i in of_split
    ),
    frozenset(image_ids[examples.RESERVED]),
    attributes,
    settings,
    all_there=False,
  )


def _image_ids(uri: str, split: str) -> list[str]:
  """File names, without taking the embeddings apart."""
  feature = {examples.IMAGE_ID: tf.io.FixedLenFeature([], tf.string)}
  parsed = (
    examples.dataset(uri, split)
    .batch(1024)
    .map(lambda records: tf.io.parse_example(records, feature)[examples.IMAGE_ID])
  )
  return [image_id.decode() for batch in parsed.as_numpy_iterator() for image_id in batch]


def _features(
  assigned: Iterable[splits.Assigned], table: annotations.Table, attributes: list[str]
) -> tuple[list[str], dict[str, _Place]]:
  """Names of features, and by file name a value for each, None where unknown."""
  others = [at for at, name in enumerate(table.attributes) if name not in attributes]
  names = [
    *map(examples.label, attributes),
    *map(examples.held_out_label, attributes),
    *(table.attributes[at] for at in others),
  ]
  unknown = (None,) * len(table.attributes)
  return names, {
    photo.image_id: (
      photo.split,
      (
        *photo.labels,
        *photo.held_out_labels,
        *(table.values.get(photo.image_id, unknown)[at] for at in others),
      ),
    )
    for photo in assigned
    if photo.split
  }


def _join(
  path: str, names: list[str], places: Mapping[str, _Place]
) -> Iterator[tuple[str, write_split.Pair]]:
  for record in tf.data.TFRecordDataset(path, compression_type="GZIP").as_numpy_iterator():
    features = examples.decode(record)
    image_id = features[examples.IMAGE_ID].decode()
    if image_id in places:  # Others are reserved, and wait for a label.
      split, values = places[image_id]
      features.update(zip(names, values, strict=True))
      yield split, (image_id, examples.encode(features))


def _said(counts: Mapping[str, int], waiting: int) -> str:
  text = ", ".join(f"{split} {count:,}" for split, count in counts.items())
  if waiting:
    text += f"; {waiting:,} more are reserved for evaluation and wait for a label"
  return f"photos: {text}"
