"""A generator that goes on from the last one, when photos have joined.

With `generator.warm_start` what a training ended with is kept beside the
checkpoints, for trainings of the same sizes. The next one takes
its networks, their averages and the state of the optimizers from there and
trains for no more than so many steps, in whole passes over the photos. What
comes out then follows from what was trained before, and not from photos and
settings alone.
"""

import dataclasses
import hashlib
import json
import os

import tensorflow as tf
from absl import logging

from components.shared.core import errors, progress
from components.vae_gan_trainer import settings as settings_lib
from components.vae_gan_trainer import training_step

_FOLDER = "last"
_SIZES = ("image_size", "latent_size", "widths")
"""Settings without which weights don't fit."""


def folder(root: str, settings: settings_lib.VaeGanSettings) -> str:
  """Where the last training of these sizes is kept.

  Args:
    root: folder of the pipeline's checkpoints.
    settings: of a training.
  """
  key = json.dumps([getattr(settings, name) for name in _SIZES]).encode()
  return os.path.join(root, f"{_FOLDER}-{hashlib.sha256(key).hexdigest()[:16]}")


def shortened(
  settings: settings_lib.VaeGanSettings, last: str, photos: int
) -> settings_lib.VaeGanSettings:
  """Settings of a training that stays within its budget.

  Args:
    settings: with `max_steps`, and `warm_start` instead of it where there is an
      earlier training.
    last: `folder`; the settings stay what they are where it holds nothing.
    photos: how many there are.

  Raises:
    UserError: the budget is less than one pass over the photos.
  """
  if settings.warm_start is None or tf.train.latest_checkpoint(last) is None:
    if settings.warm_start is not None:
      progress.note(
        "VaeGanTrainer: there is no earlier training of these sizes to continue from; trains anew"
      )
    return _within_max_steps(settings, photos)
  steps = photos // settings.batch_size
  epochs = min(settings.epochs, settings.warm_start // steps)
  if not epochs:
    raise errors.UserError(
      f"generator.warm_start={settings.warm_start}: is less than one pass over the {photos} "
      f"photos, {steps} steps; raise it"
    )
  progress.note(
    f"VaeGanTrainer: continues the last training for {epochs * steps} of at most "
    f"{settings.warm_start} steps"
  )
  return dataclasses.replace(settings, epochs=epochs)


def _within_max_steps(
  settings: settings_lib.VaeGanSettings, photos: int
) -> settings_lib.VaeGanSettings:
  epochs = settings_lib.epochs_within(settings, photos)
  if epochs < settings.epochs:
    progress.note(
      f"VaeGanTrainer: {epochs} of {settings.epochs} epochs, by generator.max_steps="
      f"{settings.max_steps}"
    )
  return dataclasses.replace(settings, epochs=epochs)


def begin(learner: training_step.Learner, last: str) -> bool:
  """Gives a learner what the last training ended with.

  Args:
    learner: of the same sizes.
    last: `folder`.

  Returns:
    Whether that holds anything that fits; nothing happens if not.
  """
  path = tf.train.latest_checkpoint(last)
  if path is None:
    return False
  # The step and the running sums are of that training, not of this one.
  status = tf.train.Checkpoint(**learner.objects).restore(path).expect_partial()
  try:
    status.assert_existing_objects_matched()
  except AssertionError:
    progress.note(f"VaeGanTrainer: {last} holds other networks; training starts anew")
    return False
  logging.info("continuing from %s", path)
  return True


def keep(checkpoints: str, last: str) -> None:
  """Keeps a finished training's checkpoints in the place of those before.

  Args:
    checkpoints: of that training; gone afterwards.
    last: `folder`.
  """
  if tf.io.gfile.exists(last):
    tf.io.gfile.rmtree(last)
  tf.io.gfile.rename(checkpoints, last)
