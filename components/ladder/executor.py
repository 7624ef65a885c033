"""Ladder's executor."""

import csv
import json
import os
from typing import Any, Dict, List

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components import examples
from components import progress
from components import settings as settings_lib
from components.classifier import data
from components.classifier import serving
from components.classifier import trainer
from components.classifier.settings import ClassifierSettings
from components.ladder import steps
from components.latent_directions import directions
from components.latent_directions import executor as directions_executor

LADDER_FILE = "ladder.json"
SCORES_FILE = "scores.csv"


class Executor(base_executor.BaseExecutor):
  """Reads embeddings, climbs the ladder, writes `ladder.json`."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    """See the component."""
    settings = settings_lib.from_json(ClassifierSettings,
                                      exec_properties["settings"])
    embeddings_uri = artifact_utils.get_single_uri(input_dict["embeddings"])
    transform_output = tft.TFTransformOutput(
        artifact_utils.get_single_uri(input_dict["transform_graph"]))
    model_uri = artifact_utils.get_single_uri(input_dict["model"])
    splits = {split: data.load_raw(
        [examples.split_pattern(embeddings_uri, split)], transform_output)
              for split in (*examples.REAL_SPLITS, examples.SYNTHETIC_TRAIN)}
    direction = directions.overall(os.path.join(
        artifact_utils.get_single_uri(input_dict["directions"]),
        directions_executor.DIRECTIONS))
    knowledge = _knowledge(splits, direction.positives + direction.negatives)
    result, scores = _climb(splits, knowledge, settings, model_uri)
    output = artifact_utils.get_single_uri(output_dict["ladder"])
    _write(output, result, scores, splits[examples.HAND_LABELED])


def _climb(splits: Dict[str, data.Arrays], knowledge: steps.Knowledge,
           settings: ClassifierSettings, model_uri: str):
  photos = splits[examples.HAND_LABELED]
  labels = photos[examples.LABEL]
  pushed = _pushed_scores(path_utils.serving_model_path(model_uri),
                          photos[data.RAW_EMBEDDING])
  bar = progress.bar("ladder", len(steps.STEPS), "step")
  scores = {steps.MAJORITY: steps.majority(labels)}
  scores.update(steps.scores(
      knowledge, settings, photos[examples.EMBEDDING], pushed,
      on_step=lambda step: bar.update()))
  bar.close()
  ladder = {step: steps.row(labels, scores[step],
                            steps.labels_used(step, knowledge))
            for step in scores}
  learned = _learned(model_uri)
  references = steps.references(knowledge, settings,
                                learned["synthetic_weight"],
                                photos[examples.EMBEDDING])
  result = {
      "step": settings.step,
      "n": len(labels),
      "learned": learned,
      "ladder": ladder,
      "references": {
          name: steps.row(labels, values, ladder[settings.step]["n"])
          for name, values in references.items()},
      "comparison": steps.compare(labels, scores, settings.seed),
  }
  return result, {**scores, **references}


def _knowledge(splits: Dict[str, data.Arrays],
               direction_labels: int) -> steps.Knowledge:
  unlabeled = splits[examples.UNLABELED]
  training = data.training_set(splits[examples.LABELED],
                               splits[examples.SYNTHETIC_TRAIN], unlabeled)
  return steps.Knowledge(
      training=training,
      held_out=data.with_labels(unlabeled, examples.HELD_OUT_LABEL),
      direction_labels=direction_labels)


def _pushed_scores(model_path: str, embeddings: np.ndarray) -> np.ndarray:
  model = tf.saved_model.load(model_path)
  outputs = model.signatures[serving.CLASSIFY_EMBEDDING](
      embedding=tf.constant(embeddings))
  return outputs["probability"].numpy()[:, 0].astype(np.float64)


def _learned(model_uri: str) -> Dict[str, Any]:
  path = os.path.join(model_uri, trainer.LEARNED_FILE)
  with tf.io.gfile.GFile(path) as file:
    return json.load(file)


def _write(folder: str, result: Dict[str, Any],
           scores: Dict[str, np.ndarray], photos: data.Arrays) -> None:
  tf.io.gfile.makedirs(folder)
  with tf.io.gfile.GFile(os.path.join(folder, LADDER_FILE), "w") as file:
    json.dump(result, file, indent=2)
  with tf.io.gfile.GFile(os.path.join(folder, SCORES_FILE), "w") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([examples.IMAGE_ID, examples.LABEL, *scores])
    for index, image_id in enumerate(photos[examples.IMAGE_ID]):
      writer.writerow([image_id.decode(), photos[examples.LABEL][index],
                       *(f"{values[index]:.6f}" for values in scores.values())])
