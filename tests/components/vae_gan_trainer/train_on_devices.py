"""Trains a small VAE-GAN on so many logical CPUs; run by test_training.

Usage: train_on_devices.py COUNT FACES_URI FOLDER OUTPUT_JSON
"""

import json
import sys

import tensorflow as tf

from components.shared.core import devices
from components.shared.data import training_photos as photos
from components.shared.generators import history
from components.vae_gan_trainer import settings as settings_lib
from components.vae_gan_trainer import training


def main(count: int, faces_uri: str, folder: str, output: str) -> None:
  (cpu,) = tf.config.list_physical_devices("CPU")
  tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
  settings = settings_lib.VaeGanSettings(
    image_size=16,
    latent_size=8,
    widths=(8, 16),
    epochs=3,
    batch_size=16,
    learning_rate=1e-3,
    ema_momentum=0.5,
    preview_epochs=1,
  )
  strategy = devices.strategy([f"CPU:{i}" for i in range(count)] if count > 1 else [])
  run = training.Training(
    settings=settings,
    photos=photos.open_photos(faces_uri, 16, 16, 1),
    strategy=strategy,
    precision="float32",
    folder=f"{folder}/checkpoints",
    log=history.Log(f"{folder}/log"),
  )
  run.run()
  with open(output, "w", encoding="utf-8") as file:
    json.dump({"replicas": strategy.num_replicas_in_sync, "history": run.history}, file)


if __name__ == "__main__":
  main(int(sys.argv[1]), *sys.argv[2:])
