"""Ladder's executor."""

import csv
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

from components.classifier import trainer, transform
from components.shared.artifacts import directions_files, ladder_files
from components.shared.core import progress
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.learning import curve, data, directions, learning, serving, steps
from components.shared.learning.settings import ClassifierSettings


class Executor(base_executor.BaseExecutor):
  """Reads embeddings, climbs the ladder, writes `ladder.json`."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """See the component."""
    settings = settings_lib.from_json(ClassifierSettings, exec_properties["settings"])
    embeddings_uri = artifact_utils.get_single_uri(input_dict["embeddings"])
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
    hand_labeled = splits[examples.HAND_LABELED]
    pushed = _pushed_scores(model_uri, hand_labeled)
    learned = _learned(model_uri)
    blocks = json.loads(exec_properties["blocks"])
    results, scores = {}, {}
    for column, attribute in enumerate(attributes):
      direction = found[attribute]
      results[attribute], scores[attribute] = _climb(
        attribute,
        _knowledge(splits, column, direction.positives + direction.negatives, blocks),
        settings,
        learned[attribute],
        pushed[attribute],
        *data.with_labels(hand_labeled, column),
      )
    _write(artifact_utils.get_single_uri(output_dict["ladder"]), results, scores, hand_labeled)


def _climb(
  attribute: str,
  knowledge: steps.Knowledge,
  settings: ClassifierSettings,
  learned: dict[str, Any],
  pushed: np.ndarray,
  photos: learning.Labeled,
  known: np.ndarray,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
  """An attribute's part of `ladder.json`, and its probabilities by step."""
  labels = photos.labels
  scored = {steps.MAJORITY: steps.majority(labels)}
  with progress.bar(f"ladder of {attribute}", len(steps.STEPS), "step") as bar:
    scored.update(
      steps.scores(
        knowledge,
        settings,
        photos.embeddings,
        steps.Scores(pushed[known], learned["threshold"]),
        on_step=lambda step: bar.update(),
      )
    )
  ladder = {
    step: steps.row(labels, each, steps.labels_used(step, knowledge))
    for step, each in scored.items()
  }
  training = knowledge.training
  output = steps.output_alone(knowledge, settings, photos.embeddings)
  return {
    "step": settings.step,
    "n": len(labels),
    "learned": learned,
    "ladder": ladder,
    "references": {
      "output_only": steps.row(labels, output, steps.labels_used("labeled_only", knowledge))
    },
    "comparison": steps.compare(labels, scored, settings.seed),
    "more_labels": curve.forecast(training.labeled, training.blocks, settings),
  }, {step: each.probabilities for step, each in scored.items()}


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


def _write(
  folder: str,
  results: dict[str, Any],
  scores: dict[str, dict[str, np.ndarray]],
  photos: data.Arrays,
) -> None:
  tf.io.gfile.makedirs(folder)
  with tf.io.gfile.GFile(os.path.join(folder, ladder_files.LADDER), "w") as file:
    json.dump(results, file, indent=2)
  with tf.io.gfile.GFile(os.path.join(folder, ladder_files.SCORES), "w") as file:
    # A step may be there for one attribute only.
    steps_there = dict.fromkeys(step for by_step in scores.values() for step in by_step)
    writer = csv.DictWriter(
      file, ["attribute", examples.IMAGE_ID, "label", *steps_there], lineterminator="\n"
    )
    writer.writeheader()
    for column, (attribute, by_step) in enumerate(scores.items()):
      labels = photos[transform.LABELS][:, column]
      known = np.flatnonzero(labels != transform.UNKNOWN_LABEL)
      for number, row in enumerate(known):
        writer.writerow(
          {
            "attribute": attribute,
            examples.IMAGE_ID: photos[examples.IMAGE_ID][row].decode(),
            "label": labels[row],
            **{step: f"{values[number]:.6f}" for step, values in by_step.items()},
          }
        )
