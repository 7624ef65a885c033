"""Training speed: `VaeGanTrainer` against a plain Keras loop, side by side."""

import contextlib
import dataclasses
import functools
import pathlib
import tempfile
from collections.abc import Callable, Iterator

from components.shared.core import devices, progress
from components.shared.data import training_photos as photos_lib
from components.vae_gan_trainer import history, training
from components.vae_gan_trainer import settings as settings_lib
from devtools.bench import faces, keras_loop, rows

_OURS = "train/vaegan"
_BASELINE = "train/keras_loop"


def measure(
  photos: pathlib.Path,
  *,
  steps: int,
  repeats: int,
  settings: settings_lib.VaeGanSettings = settings_lib.VaeGanSettings(),  # noqa: B008  Its value is frozen.,
) -> list[rows.Row]:
  """Rows `train/keras_loop`, the baseline, and `train/vaegan`.

  Both train in turns; what they learn is thrown away. Building networks,
  tracing, previews and checkpoints are not timed. Neither is the trainer's
  reading of all photos before its first step: a run does it once, the plain
  loop each epoch.

  Args:
    photos: a folder of JPEGs, at least a batch of them.
    steps: how many each does in a repeat.
    repeats: how often each is timed, after a first time that is not.
    settings: what both train, without mixed precision.
  """
  paths = sorted(photos.glob("*.jpg"))
  with trainer(paths, settings, steps * (1 + repeats)) as ours:
    learn = {_OURS: ours, _BASELINE: _loop(paths, settings)}

    def way(name: str) -> int:
      learn[name](steps)
      return steps * settings.batch_size

    rates = rows.take_turns(
      {name: functools.partial(way, name) for name in learn}, repeats, "bench train"
    )
  return [
    rows.Row(name=_BASELINE, rates=rates[_BASELINE]),
    rows.Row(name=_OURS, rates=rates[_OURS], baseline=_BASELINE),
  ]


@contextlib.contextmanager
def trainer(
  paths: list[pathlib.Path], settings: settings_lib.VaeGanSettings, steps: int
) -> Iterator[Callable[[int], None]]:
  """Trains so many steps more with the trainer's own code."""
  epochs = 1 + -(-steps // (len(paths) // settings.batch_size))
  settings = dataclasses.replace(
    settings, epochs=epochs, preview_epochs=epochs, mixed_precision="off"
  )
  with tempfile.TemporaryDirectory() as folder:
    log = history.Log(f"{folder}/log")
    uri = pathlib.Path(folder, "examples")
    faces.write(uri, [path.read_bytes() for path in paths], len(paths))
    run = training.Training(
      settings=settings,
      photos=photos_lib.open_photos(
        str(uri), settings.image_size, settings.batch_size, settings.cache_mebibytes
      ),
      strategy=devices.strategy(),
      precision=devices.precision(settings.mixed_precision),
      folder=f"{folder}/checkpoints",
      log=log,
    )
    with progress.bar("train/vaegan", steps, "step") as bar:
      yield lambda count: run.go_on(run.step + count, bar)
    log.close()


def _loop(
  paths: list[pathlib.Path], settings: settings_lib.VaeGanSettings
) -> Callable[[int], None]:
  """Trains so many steps more with `fit`."""
  model = keras_loop.VaeGan(settings)
  model.compile()
  batches = keras_loop.dataset(paths, settings).repeat()
  return lambda count: model.fit(batches, steps_per_epoch=count, epochs=1, shuffle=False, verbose=0)
