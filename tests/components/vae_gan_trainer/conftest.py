"""A few real photos as an Examples artifact, and a small VAE-GAN."""

import pathlib
from collections.abc import Callable

import pytest
import tensorflow as tf

from components.shared.core import devices
from components.shared.data import examples
from components.shared.data import training_photos as photos_lib
from components.shared.generators import history
from components.vae_gan_trainer import settings as settings_lib
from components.vae_gan_trainer import training


@pytest.fixture(scope="session")
def faces_uri(tmp_path_factory, sample_photos) -> str:
  """64 photos in `training`, and a `reserved` that cannot be read."""
  uri = tmp_path_factory.mktemp("faces")
  photos = sorted(sample_photos.iterdir())[100:164]
  folder = pathlib.Path(examples.split_folder(str(uri), examples.TRAINING))
  folder.mkdir()
  parts = [chosen[part::2] for chosen in (photos[:24], photos[24:]) for part in range(2)]
  for number, part in enumerate(parts):
    path = folder / f"data_tfrecord-{number:05d}-of-00004.gz"
    with tf.io.TFRecordWriter(str(path), tf.io.TFRecordOptions("GZIP")) as writer:
      for photo in part:
        writer.write(
          examples.encode(
            {"image_id": photo.name.encode(), "image": photo.read_bytes(), "domain": examples.REAL}
          )
        )
  unseen = pathlib.Path(examples.split_folder(str(uri), examples.RESERVED))
  unseen.mkdir()
  (unseen / "data_tfrecord-00000-of-00001.gz").write_bytes(b"not a record")
  return str(uri)


@pytest.fixture(scope="session")
def small() -> Callable[..., settings_lib.VaeGanSettings]:
  """small(**changes): settings that train in seconds."""

  def _make(**changes) -> settings_lib.VaeGanSettings:
    return settings_lib.VaeGanSettings(
      **{
        **dict(
          image_size=16,
          latent_size=8,
          widths=(8, 16),
          epochs=2,
          batch_size=16,
          learning_rate=2e-3,
          ema_momentum=0.5,
          preview_epochs=1,
        ),
        **changes,
      }
    )

  return _make


@pytest.fixture
def make_training(faces_uri, tmp_path) -> Callable[..., training.Training]:
  """make_training(settings, folder="run"): ready to run."""

  def _make(settings: settings_lib.VaeGanSettings, folder: str = "run") -> training.Training:
    return training.Training(
      settings=settings,
      photos=photos_lib.open_photos(
        faces_uri, settings.image_size, settings.batch_size, settings.cache_mebibytes
      ),
      strategy=devices.strategy(),
      precision=devices.precision(settings.mixed_precision),
      folder=str(tmp_path / folder / "checkpoints"),
      log=history.Log(str(tmp_path / folder / "log")),
    )

  return _make
