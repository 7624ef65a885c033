"""Training speed: `VaeGanTrainer` against a plain Keras loop, side by side."""

import contextlib
import dataclasses
import pathlib
import tempfile
import time
from typing import Callable, Dict, Iterator, List

import tensorflow as tf

from components import examples
from components import progress
from components.vae_gan_trainer import devices
from components.vae_gan_trainer import history
from components.vae_gan_trainer import photos as photos_lib
from components.vae_gan_trainer import settings as settings_lib
from components.vae_gan_trainer import training
from pipeline.bench import keras_loop

OURS = "train/vaegan"
BASELINE = "train/keras_loop"
_WARM_UP_STEPS = 3


def measure(photos: pathlib.Path, *, steps: int, repeats: int,
            settings: settings_lib.VaeGanSettings = (
                settings_lib.VaeGanSettings())) -> Dict[str, List[float]]:
  """Trains with both in turn; what they learn is thrown away.

  Building networks, tracing, the first steps, previews and checkpoints are
  not timed. Neither is the trainer's reading of all photos before its first
  step: a run does it once, the plain loop each epoch.

  Args:
    photos: a folder of JPEGs, at least a batch of them.
    steps: how many each does in a repeat.
    repeats: how often each is timed, in turn.
    settings: what both train, without mixed precision.

  Returns:
    Photos/s of each repeat, for `OURS` and for `BASELINE`.
  """
  paths = sorted(photos.glob("*.jpg"))
  with _trainer(paths, settings, steps * repeats + _WARM_UP_STEPS) as ours:
    ways = {OURS: ours, BASELINE: _loop(paths, settings)}
    for way in ways.values():
      way(_WARM_UP_STEPS)
    rates = {name: [] for name in ways}
    for _ in range(repeats):
      for name, way in ways.items():
        start = time.perf_counter()
        way(steps)
        rates[name].append(
            steps * settings.batch_size / (time.perf_counter() - start))
  return rates


@contextlib.contextmanager
def _trainer(paths: List[pathlib.Path], settings: settings_lib.VaeGanSettings,
             steps: int) -> Iterator[Callable[[int], None]]:
  """Trains so many steps more with the trainer's own code."""
  epochs = 1 + -(-steps // (len(paths) // settings.batch_size))
  settings = dataclasses.replace(
      settings, epochs=epochs, preview_epochs=epochs, mixed_precision="off")
  with tempfile.TemporaryDirectory() as folder:
    log = history.Log(f"{folder}/log")
    run = training.Training(
        settings=settings,
        photos=photos_lib.open_photos(
            _examples(paths, folder), settings.image_size, settings.batch_size,
            settings.cache_mebibytes),
        strategy=devices.strategy(),
        precision=devices.precision(settings.mixed_precision),
        folder=f"{folder}/checkpoints", log=log)
    with progress.bar("training, ours and plain", steps, "step") as bar:
      yield lambda count: run.go_on(run.step + count, bar)
    log.close()


def _examples(paths: List[pathlib.Path], folder: str) -> str:
  """An Examples artifact of the photos; its URI."""
  split = pathlib.Path(
      examples.split_folder(f"{folder}/examples", examples.UNLABELED))
  split.mkdir(parents=True)
  with tf.io.TFRecordWriter(
      str(split / "data_tfrecord-00000-of-00001.gz"),
      tf.io.TFRecordOptions("GZIP")) as writer:
    for path in paths:
      writer.write(examples.encode({
          "image_id": path.name.encode(), "image": path.read_bytes(),
          "domain": examples.REAL}))
  return f"{folder}/examples"


def _loop(paths: List[pathlib.Path], settings: settings_lib.VaeGanSettings
          ) -> Callable[[int], None]:
  """Trains so many steps more with `fit`."""
  model = keras_loop.VaeGan(settings)
  model.compile()
  batches = keras_loop.dataset(paths, settings).repeat()
  return lambda count: model.fit(
      batches, steps_per_epoch=count, epochs=1, verbose=0)
