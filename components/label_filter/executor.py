"""Reads embedded synthetic faces and writes those that are kept."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow as tf
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components.label_filter.settings import FilterSettings
from components.shared.artifacts import directions_files, kept_counts
from components.shared.core import errors, progress
from components.shared.core import settings as settings_lib
from components.shared.data import embeddings, examples
from components.shared.learning import directions, selection
from components.shared.learning import scorer as scorer_lib

_LEAST_KEPT = 0.1

_Class = tuple[str, str, int]
_Counts = tuple[int, int, int]
"""Faces that are kept, whose label is confirmed, and that were made."""


class Executor(base_beam_executor.BaseBeamExecutor):
  """Embeddings of synthetic faces -> those whose label is confirmed."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Writes every file again, without the faces that are left out.

    Raises:
      UserError: hardly a face of a class is what its label says, or the
        labels are no better than chance, by a sound direction.
    """
    settings = settings_lib.from_json(FilterSettings, exec_properties["settings"])
    faces = artifact_utils.get_single_instance(input_dict["candidates"])
    kept = artifact_utils.get_single_instance(output_dict["examples"])
    found = artifact_utils.get_single_uri(input_dict["directions"])
    scorers_path = os.path.join(found, directions_files.SCORERS)
    splits = artifact_utils.decode_split_names(faces.split_names)
    examples.set_splits(kept, splits)
    places = [place for split in splits for place in examples.copies(faces.uri, split, kept.uri)]
    counts_uri = artifact_utils.get_single_uri(output_dict["counts"])
    with self._make_beam_pipeline() as pipeline:
      _ = (
        pipeline
        | "Files" >> beam.Create(places)
        | "Spread" >> beam.Reshuffle()
        | "Filter" >> beam.FlatMap(_filter_file, settings.keep, scorers_path)
        | "Sum" >> beam.CombinePerKey(_add)
        | "Gather" >> beam.combiners.ToList()
        | "WriteCounts" >> beam.Map(_write_counts, counts_uri)
      )
    counts = kept_counts.read(counts_uri)
    if settings.keep == "confirmed":
      _check_labels(counts, directions.overall(os.path.join(found, directions_files.DIRECTIONS)))
    few = selection.too_few(counts, _LEAST_KEPT)
    if few:
      raise errors.UserError(
        f"synthetic faces are not what their label says: the scorer confirms "
        f"only {'; '.join(few)}. Train the generator longer, raise "
        "synthetic.strength, or keep them with label_filter.keep=all"
      )


def _check_labels(counts: list[dict[str, Any]], found: dict[str, directions.Direction]) -> None:
  """Stops what contradicts itself: a direction that tells the generator's own
  faces apart, and faces moved along it that can't be. A direction in doubt
  contradicts nothing; the ladder will say what its faces are worth.
  """
  for attribute, direction in found.items():
    has, has_not = (
      next(
        count
        for count in counts
        if count["label"] == label
        and count["attribute"] == attribute
        and count["split"] == examples.SYNTHETIC_TRAIN
      )
      for label in (1, 0)
    )
    problem = selection.no_better_than_chance(has, has_not)
    if problem and not direction.warning:
      raise errors.UserError(
        f"LabelFilter: labels of synthetic faces say nothing: {problem}, "
        "though the direction that they were moved along tells faces apart "
        f"(AUC {direction.separation_auc:.2f}). If the code was changed, "
        "look at how it moves codes and labels faces; otherwise lower "
        "synthetic.strength, or keep all with label_filter.keep=all"
      )


def _filter_file(
  place: tuple[str, str, str], keep: str, scorers_path: str
) -> Iterator[tuple[_Class, _Counts]]:
  """Copies one file's kept records; counts kept and made by class."""
  split, source, target = place
  records = list(tf.data.TFRecordDataset(source, compression_type="GZIP").as_numpy_iterator())
  faces = [examples.decode(record) for record in records]
  scorers = scorer_lib.read(scorers_path)
  labels = np.array(
    [
      [face.get(examples.label(attribute), embeddings.UNKNOWN) for attribute in scorers]
      for face in faces
    ],
    np.int64,
  ).reshape(-1, len(scorers))
  confirmed = np.ones(labels.shape, bool)
  if faces and keep == "confirmed":
    confirmed = selection.confirmations(
      np.array([face[examples.EMBEDDING] for face in faces], np.float32),
      labels,
      np.array([face[examples.FOLD] for face in faces], np.int64),
      scorers,
    )
  kept = confirmed.all(axis=1)
  with examples.open_shard(target) as writer:
    for record in np.flatnonzero(kept):
      writer.write(records[record])
  for column, attribute in enumerate(scorers):
    for label in (0, 1):
      mine = labels[:, column] == label
      yield (
        (split, attribute, label),
        (int(kept[mine].sum()), int(confirmed[mine, column].sum()), int(mine.sum())),
      )


def _add(counts: Iterable[_Counts]) -> _Counts:
  kept, confirmed, made = 0, 0, 0
  for some in counts:
    kept, confirmed, made = (kept + some[0], confirmed + some[1], made + some[2])
  return kept, confirmed, made


def _write_counts(counts: list[tuple[_Class, _Counts]], uri: str) -> None:
  rows = [
    {
      "split": split,
      "attribute": attribute,
      "label": label,
      "kept": kept,
      "confirmed": confirmed,
      "made": made,
    }
    for (split, attribute, label), (kept, confirmed, made) in sorted(counts)
  ]
  for name in sorted({attribute for (_, attribute, _), _ in counts}):
    kept, _, made = _add(pair for (_, attribute, _), pair in counts if attribute == name)
    progress.note(f"{name}: {kept} of {made} synthetic faces are what their label says")
  kept_counts.write(rows, uri)
