"""Joins the splits of two Examples artifacts and adds `distance_from_photos`."""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import tensorflow as tf
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components.examples_union import distance
from components.shared.core import counting, errors
from components.shared.data import completeness, examples

_Place = tuple[str, str, str]
"""A split, one of its files, and where that is written to."""
_FileSums = tuple[str, distance.Sums]
"""A file of `unlabeled`, and of its embeddings."""


class Executor(base_beam_executor.BaseBeamExecutor):
  """Executor of `ExamplesUnion`."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Writes every file again, record by record, under the same name.

    Raises:
      UserError: a split is in both, or `unlabeled` is in neither.
    """
    union = artifact_utils.get_single_instance(output_dict["examples"])
    homes = _homes(
      [artifact_utils.get_single_instance(input_dict[name]) for name in ("first", "second")]
    )
    examples.set_splits(union, homes)
    places = [
      place for split, uri in homes.items() for place in examples.copies(uri, split, union.uri)
    ]
    unlabeled = examples.split_files(homes[examples.UNLABELED], examples.UNLABELED)
    with self._make_beam_pipeline() as pipeline:
      sums = (
        pipeline
        | "Unlabeled" >> beam.Create(unlabeled)
        | "SpreadUnlabeled" >> beam.Reshuffle()
        | "Sums" >> beam.Map(_sums)
      )
      _ = (
        pipeline
        | "Files" >> beam.Create(places)
        | "Spread" >> beam.Reshuffle()
        | "AddDistance" >> beam.Map(_add_distance, beam.pvalue.AsList(sums))
        | "Progress" >> counting.CountElements("join", len(places), unit="file")
      )
    for split, uri in homes.items():
      completeness.check("ExamplesUnion", union.uri, split, completeness.count(uri, split))


def _homes(parts: Iterable[types.Artifact]) -> dict[str, str]:
  """The URI of the artifact that a split is in, by split."""
  homes: dict[str, str] = {}
  for part in parts:
    splits = artifact_utils.decode_split_names(part.split_names)
    shared = sorted(homes.keys() & splits)
    if shared:
      raise errors.UserError(
        f"both Examples have a split {', '.join(shared)}; their union needs different names"
      )
    homes.update({split: part.uri for split in splits})
  if examples.UNLABELED not in homes:
    raise errors.UserError(
      f"neither Examples have a split {examples.UNLABELED}, whose embeddings say where photos lie"
    )
  return homes


def _sums(path: str) -> _FileSums:
  return path, distance.sums(features[examples.EMBEDDING] for features in _read(path))


def _add_distance(place: _Place, sums: list[_FileSums]) -> None:
  split, source, target = place
  total = distance.added(part for _, part in sorted(sums, key=lambda pair: pair[0]))
  with examples.open_shard(target) as writer:
    for features in _read(source):
      features[examples.DISTANCE] = distance.distance(
        features[examples.EMBEDDING], total, included=split == examples.UNLABELED
      )
      writer.write(examples.encode(features))


def _read(path: str) -> Iterator[dict[str, examples.Value]]:
  records = tf.data.TFRecordDataset(path, compression_type="GZIP")
  return map(examples.decode, records.as_numpy_iterator())
