"""Trainer's run_fn: learns the pushed step and saves it for serving."""

import json
import os

import tensorflow as tf
import tensorflow_transform as tft
from absl import logging
from tfx.components.trainer import fn_args_utils

from components.shared.core import progress
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.learning import data, learning, serving
from components.shared.learning.settings import ClassifierSettings

LEARNED_FILE = "learned.json"
TRAIN_SPLITS = (examples.LABELED, examples.SYNTHETIC_TRAIN, examples.UNLABELED)


def run_fn(fn_args: fn_args_utils.FnArgs) -> None:
  """TFX's entry point.

  Expects the splits `TRAIN_SPLITS` as training data, the face network as base
  model and, in the custom config, `settings` (JSON of ClassifierSettings),
  `blocks`, the widths of the depths, and `attributes`, those to learn in the
  order of their labels. Each is learned for itself. Beside the SavedModel, in
  the model's artifact, `learned.json` says how it came about.
  """
  settings = settings_lib.from_json(ClassifierSettings, fn_args.custom_config["settings"])
  transform_output = tft.TFTransformOutput(fn_args.transform_output)
  arrays = {
    split: data.load_transformed(_patterns_of(fn_args.train_files, split), transform_output)
    for split in TRAIN_SPLITS
  }
  attributes = fn_args.custom_config["attributes"]
  learned = {}
  for column, attribute in enumerate(attributes):
    found = learning.learn(
      settings.step,
      data.training_set(
        arrays[examples.LABELED],
        arrays[examples.SYNTHETIC_TRAIN],
        arrays[examples.UNLABELED],
        column,
        fn_args.custom_config["blocks"],
      ),
      settings,
    )
    logging.info(
      "%s, %s: weight of spread labels %s, of synthetic faces %s",
      attribute,
      settings.step,
      found.spread_weight,
      found.synthetic_weight,
    )
    learned[attribute] = found
    if len(attributes) > 1:
      progress.note(f"Trainer: {attribute}, {column + 1} of {len(attributes)}")
  _save(learned, settings, fn_args, transform_output)


def _save(
  learned: dict[str, learning.Learned],
  settings: ClassifierSettings,
  fn_args: fn_args_utils.FnArgs,
  transform_output: tft.TFTransformOutput,
) -> None:
  serving.ServingModel(
    fn_args.base_model,
    transform_output,
    {attribute: found.model for attribute, found in learned.items()},
  ).save(fn_args.serving_model_dir)
  # The model artifact's own folder: the SavedModel is a folder within it.
  model_uri = os.path.dirname(fn_args.serving_model_dir)
  with tf.io.gfile.GFile(os.path.join(model_uri, LEARNED_FILE), "w") as file:
    json.dump(
      {
        attribute: {
          "step": settings.step,
          "spread_weight": found.spread_weight,
          "synthetic_weight": found.synthetic_weight,
          "choices": list(found.choices),
          "pseudo_labeled": found.pseudo_labeled,
          "threshold": found.model.threshold,
          "weights": int(found.model.kernels.size),
        }
        for attribute, found in learned.items()
      },
      file,
      indent=2,
    )


def _patterns_of(patterns, split: str):
  return [p for p in patterns if f"/Split-{split}/" in p]
