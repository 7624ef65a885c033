"""Trainer's run_fn: learns the pushed step and saves it for serving."""

import json
import os

import tensorflow as tf
import tensorflow_transform as tft
from absl import logging
from tfx.components.trainer import fn_args_utils

from components.shared.core import devices, progress
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.learning import data, fitting, learning, serving
from components.shared.learning.settings import ClassifierSettings

LEARNED_FILE = "learned.json"
TRAIN_SPLITS = (examples.LABELED, examples.SYNTHETIC_TRAIN, examples.UNLABELED)


def run_fn(fn_args: fn_args_utils.FnArgs) -> None:
  """TFX's entry point.

  Expects the splits `TRAIN_SPLITS` as training data, the face network as base
  model and, in the custom config, `settings` (JSON of ClassifierSettings) and
  `attributes`, those to learn in the order of their labels. Each is learned
  for itself. Beside the SavedModel, in the model's artifact, `learned.json`
  says how it came about.
  """
  settings = settings_lib.from_json(ClassifierSettings, fn_args.custom_config["settings"])
  transform_output = tft.TFTransformOutput(fn_args.transform_output)
  arrays = {
    split: data.load_transformed(_patterns_of(fn_args.train_files, split), transform_output)
    for split in TRAIN_SPLITS
  }
  strategy = fitting.strategy(arrays[examples.UNLABELED][examples.EMBEDDING].shape[1], settings)
  shared = devices.sharing(
    strategy, settings.batch_size, "embeddings", settings.learning_rate, "classifier.batch_size"
  )
  progress.note(f"Trainer: {shared}")
  fitter = fitting.Fitter(
    arrays[examples.UNLABELED][examples.EMBEDDING].shape[1], settings, strategy
  )
  learned = {}
  for column, attribute in enumerate(fn_args.custom_config["attributes"]):
    found = learning.learn(
      settings.step,
      data.training_set(
        arrays[examples.LABELED],
        arrays[examples.SYNTHETIC_TRAIN],
        arrays[examples.UNLABELED],
        column,
      ),
      settings,
      fitter,
    )
    logging.info(
      "%s, %s: synthetic weight %s, %d pseudo-labelled",
      attribute,
      settings.step,
      found.synthetic_weight,
      found.pseudo_labeled,
    )
    learned[attribute] = found
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
          "synthetic_weight": found.synthetic_weight,
          "validation": found.validation,
          "pseudo_labeled": found.pseudo_labeled,
          "weights": int(found.model.count_params()),
        }
        for attribute, found in learned.items()
      },
      file,
      indent=2,
    )


def _patterns_of(patterns, split: str):
  return [p for p in patterns if f"/Split-{split}/" in p]
