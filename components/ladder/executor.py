"""Ladder's executor."""

import dataclasses
import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.classifier import trainer
from components.shared.artifacts import directions_files, ladder_files
from components.shared.core import progress
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.learning import data, directions, learning, serving, steps
from components.shared.learning.settings import ClassifierSettings


class Executor(base_executor.BaseExecutor):
  """Reads embeddings, climbs on from the first ladder, writes `ladder.json`."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """See the component."""
    settings = settings_lib.from_json(ClassifierSettings, exec_properties["settings"])
    embeddings_uri = artifact_utils.get_single_uri(input_dict["embeddings"])
    first_uri = artifact_utils.get_single_uri(input_dict["first"])
    transform_output = tft.TFTransformOutput(
      artifact_utils.get_single_uri(input_dict["transform_graph"])
    )
    model_uri = artifact_utils.get_single_uri(input_dict["model"])
    attributes = json.loads(exec_properties["attributes"])
    splits = {
      split: data.load_raw(
        [examples.split_pattern(embeddings_uri, split)], transform_output, attributes
      )
      for split in (*examples.REAL_SPLITS, examples.SYNTHETIC_TRAIN)
    }
    found = directions.overall(
      os.path.join(
        artifact_utils.get_single_uri(input_dict["directions"]), directions_files.DIRECTIONS
      )
    )
    pushed = _pushed_scores(model_uri, splits[examples.HAND_LABELED])
    learned = _learned(model_uri)
    blocks = json.loads(exec_properties["blocks"])
    results = ladder_files.read(first_uri)
    scores = ladder_files.read_scores(os.path.join(first_uri, ladder_files.SCORES))
    for column, attribute in enumerate(attributes):
      direction = found[attribute]
      results[attribute], scores[attribute] = _climb_on(
        attribute,
        results[attribute],
        scores[attribute],
        _knowledge(splits, column, direction.positives + direction.negatives, blocks),
        settings,
        learned[attribute],
        pushed[attribute],
        *data.with_labels(splits[examples.HAND_LABELED], column),
      )
    ladder_files.write(artifact_utils.get_single_uri(output_dict["ladder"]), results, scores)


def _climb_on(
  attribute: str,
  first: dict[str, Any],
  first_scores: ladder_files.Scores,
  knowledge: steps.Knowledge,
  settings: ClassifierSettings,
  learned: dict[str, Any],
  pushed: np.ndarray,
  photos: learning.Labeled,
  known: np.ndarray,
) -> tuple[dict[str, Any], ladder_files.Scores]:
  """An attribute's part of `ladder.json`, and its probabilities by step: those
  of the first ladder, and what is left of them to climb."""
  left = [
    step for step in steps.STEPS if step in learning.STEPS_WITH_SYNTHETIC or step == settings.step
  ]
  with progress.bar(f"ladder of {attribute}", len(left), "step") as bar:
    scored = steps.scores(
      knowledge,
      settings,
      photos.embeddings,
      steps.Scores(pushed[known], learned["threshold"]),
      on_step=lambda step: bar.update(),
      of=left,
    )
  rows = {
    **first["ladder"],
    **{
      step: steps.row(photos.labels, each, steps.labels_used(step, knowledge))
      for step, each in scored.items()
    },
  }
  probabilities = {
    **first_scores.by_step,
    **{step: each.probabilities for step, each in scored.items()},
  }
  ordered = [step for step in (steps.MAJORITY, *steps.STEPS) if step in rows]
  return {
    **first,
    "step": settings.step,
    "learned": learned,
    "ladder": {step: rows[step] for step in ordered},
  }, dataclasses.replace(first_scores, by_step={step: probabilities[step] for step in ordered})


def _knowledge(
  splits: dict[str, data.Arrays], column: int, direction_labels: int, blocks: Sequence[int]
) -> steps.Knowledge:
  unlabeled = splits[examples.UNLABELED]
  held_out, _ = data.with_labels(unlabeled, column, data.HELD_OUT_LABELS)
  return steps.Knowledge(
    training=data.training_set(
      splits[examples.LABELED], splits[examples.SYNTHETIC_TRAIN], unlabeled, column, blocks
    ),
    held_out=held_out,
    direction_labels=direction_labels,
  )


def _pushed_scores(model_uri: str, photos: data.Arrays) -> dict[str, np.ndarray]:
  """The pushed model's probabilities, float64 [n], by attribute."""
  model = tf.saved_model.load(path_utils.serving_model_path(model_uri))
  outputs = model.signatures[serving.CLASSIFY_EMBEDDING](
    embedding=tf.constant(photos[data.RAW_EMBEDDING])
  )
  return {
    attribute: outputs[serving.probability_of(attribute)].numpy()[:, 0].astype(np.float64)
    for attribute in serving.attributes_of(outputs)
  }


def _learned(model_uri: str) -> dict[str, Any]:
  path = os.path.join(model_uri, trainer.LEARNED_FILE)
  with tf.io.gfile.GFile(path) as file:
    return json.load(file)
