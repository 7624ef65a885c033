"""Connects the artifacts of `VaeGanTrainer` with training."""

import hashlib
import json
import os
from typing import Any

import tensorflow as tf
from absl import logging
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.shared.core import devices, progress
from components.shared.core import settings as settings_lib
from components.shared.data import training_photos as photos_lib
from components.shared.generators import health, history
from components.vae_gan_trainer import export, training
from components.vae_gan_trainer import settings as own_settings

_BLOCK = 1 << 24
DESCRIPTION = "generator.json"
"""Sizes and what was learned from, beside the SavedModel."""


class Executor(base_executor.BaseExecutor):
  """Photos of `training` -> Model and TrainingLog."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Trains, or resumes training, and writes the outputs at the end.

    Raises:
      UserError: too few photos, or too small a batch for all devices.
      TrainingCollapsed: the generator is of no use; checkpoints are removed,
        since resuming from them would not help.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(own_settings.VaeGanSettings, exec_properties["settings"])
    faces = artifact_utils.get_single_uri(input_dict["examples"])
    model = artifact_utils.get_single_uri(output_dict["model"])
    log = history.Log(artifact_utils.get_single_uri(output_dict["training_log"]))
    folder = checkpoint_folder(
      exec_properties.get("checkpoint_root") or self._get_tmp_dir(),
      exec_properties["settings"],
      exec_properties.get("start_sha256") or "",
      faces,
    )
    photos = photos_lib.open_photos(
      faces, settings.image_size, settings.batch_size, settings.cache_mebibytes
    )
    strategy = devices.strategy()
    shared = devices.sharing(
      strategy, settings.batch_size, "photos", settings.learning_rate, "generator.batch_size"
    )
    progress.note(f"VaeGanTrainer: {shared}")
    run = training.Training(
      settings=settings,
      photos=photos,
      strategy=strategy,
      precision=devices.precision(settings.mixed_precision),
      folder=folder,
      log=log,
    )
    if run.step:
      logging.info("resuming at step %d from %s", run.step, folder)
    try:
      run.run()
    except health.TrainingCollapsed:
      if tf.io.gfile.exists(folder):  # It may be too early for a checkpoint.
        tf.io.gfile.rmtree(folder)
      raise
    finally:
      log.close()
    _write_model(model, run, settings, photos)
    tf.io.gfile.rmtree(folder)


def checkpoint_folder(root: str, settings: str, start: str, faces: str) -> str:
  """Where a run keeps its checkpoints.

  TFX gives every execution new output folders, and a new working folder, so a
  rerun after a kill would not find what it had. This one follows from settings
  and photos: the same ones find it again, wherever they lie, and no others do.
  The code is no part of it, so that a change of it does not cost a long
  training; `Training` sees whether what is there still fits.

  Args:
    root: folder of the pipeline's checkpoints.
    settings: as JSON.
    start: fingerprint of the generator to start from, if any.
    faces: URI of the Examples artifact.
  """
  digest = hashlib.sha256(json.dumps([settings, start]).encode())
  for path in photos_lib.files(faces):
    digest.update(f"{os.path.basename(path)}\0".encode())
    with tf.io.gfile.GFile(path, "rb") as file:
      while block := file.read(_BLOCK):
        digest.update(block)
  return os.path.join(root, digest.hexdigest()[:16])


def _write_model(
  uri: str, run: training.Training, settings: own_settings.VaeGanSettings, photos: photos_lib.Photos
) -> None:
  export.save(run.learner.averages, settings, path_utils.serving_model_dir(uri))
  with tf.io.gfile.GFile(os.path.join(uri, DESCRIPTION), "w") as file:
    json.dump(
      {
        "image_size": settings.image_size,
        "latent_size": settings.latent_size,
        "photos": photos.count,
        "epochs": settings.epochs,
        "steps": run.step,
        "photos_seen": run.step * settings.batch_size,
        "last_epoch": run.history[-1],
        "settings": settings_lib.to_dict(settings),
      },
      file,
      indent=1,
    )
