"""Shared by all tests: the real photos, the real weights, one small run.

Tests come in tiers:

- unit: no pipeline is run;
- run: reads the one small run on real photos, which is made once a session;
- slow: marked so; runs pipelines of its own, or takes more than 20 seconds;
- long: marked so; takes minutes.
"""

import csv
import logging
import os
import pathlib
import shutil
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import components  # noqa: F401  Decides on libraries before they are imported.

warnings.filterwarnings("ignore", category=FutureWarning)
# What a shell starts in its background ignores Ctrl+C, and so would the
# commands that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# pylint: disable=wrong-import-position
import filelock
import numpy as np
import psutil
import pytest
from PIL import Image

from components.shared import assets
from pipeline.programs import cli
from tests import browsers, mariadb, sharing
from tests.components.embedding_network import random_vgg_face
from tests.end_to_end import running

_PHOTOS = 80
_LABELED = 60
_BYTES_A_PROCESS = 5 << 30
"""What a process that tests may come to hold, with what it starts."""

sys.path.append(str(running.PLUGINS))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
  """One process a core, as far as memory goes."""
  return max(
    1, min(len(os.sched_getaffinity(0)), 4, psutil.virtual_memory().available // _BYTES_A_PROCESS)
  )


def pytest_collection_modifyitems(items) -> None:
  """Marks the tier `run`, and sorts the files: those with runs of their own
  and one that makes the shared run first, those that read it last, so that
  other processes have something to do meanwhile."""
  for item in items:
    if "first_run" in item.fixturenames and not item.get_closest_marker("slow"):
      item.add_marker(pytest.mark.run)
  order = {"long": 0, "slow": 0, "unit": 1, "run": 2}
  files = {}
  for item in items:
    tier = next((tier for tier in ("long", "slow", "run") if item.get_closest_marker(tier)), "unit")
    files[item.path] = min(order[tier], files.get(item.path, order[tier]))
  makes_the_run = next((path for path, at in files.items() if at == order["run"]), None)
  if makes_the_run is not None:
    files[makes_the_run] = -1
  items.sort(key=lambda item: files[item.path])


@pytest.fixture(scope="session")
def sample_photos() -> pathlib.Path:
  """The folder of the sample's 500 photos."""
  return assets.sample_photos()


@pytest.fixture(scope="session")
def facenet_weights() -> pathlib.Path:
  """The file of FaceNet's weights."""
  return assets.facenet_weights()


@pytest.fixture(scope="session")
def random_vgg_face_weights(tmp_path_factory) -> Iterator[pathlib.Path]:
  """A file of random VGG-Face weights, laid out as deepface does; 580 MB."""
  path = tmp_path_factory.mktemp("vgg_face") / "random_vgg_face_weights.h5"
  random_vgg_face.write_deepface(path, random_vgg_face.layers())
  yield path
  path.unlink()


@pytest.fixture(scope="session")
def output(tmp_path_factory) -> pathlib.Path:
  """Where the runs of this session are."""
  return sharing.folder(tmp_path_factory) / "output"


@pytest.fixture(scope="session")
def first_run(output, tmp_path_factory) -> running.Run:
  """The sample, run into an empty folder. Tests that write there have to take
  `own_run`."""

  def make() -> running.Run:
    run = running.run_pipeline(output, "small", "sample")
    assert run.status == 0, run.errors
    return run

  return sharing.run(tmp_path_factory, "first_run", make)


@pytest.fixture
def own_run(first_run, tmp_path) -> running.Run:
  """A copy of the first run, for a test to write into."""
  return running.copy_of(first_run, tmp_path / "output")


def _write_few(folder: pathlib.Path, sample_photos: pathlib.Path) -> None:
  """Some photos, and a CSV that says which of them are bright."""
  made = folder.with_suffix(".partial")
  (made / "photos").mkdir(parents=True)
  brightness = {}
  for photo in sorted(sample_photos.iterdir())[:_PHOTOS]:
    shutil.copy(photo, made / "photos")
    with Image.open(photo) as image:
      brightness[photo.name] = np.asarray(image.convert("L")).mean()
  usual = np.median(list(brightness.values()))
  with open(made / "labels.csv", "w", encoding="utf-8") as file:
    csv.writer(file).writerows(
      [
        ("image_id", "Bright"),
        *((name, int(value > usual)) for name, value in list(brightness.items())[:_LABELED]),
      ]
    )
  made.rename(folder)


@pytest.fixture(scope="session")
def few_photos(tmp_path_factory, sample_photos) -> Sequence[str]:
  """Arguments that name some photos in a folder, and in a CSV whether most of
  them are bright, which the face network `tiny` can tell."""
  folder = sharing.folder(tmp_path_factory) / "few"
  with filelock.FileLock(f"{folder}.lock"):
    if not folder.exists():
      _write_few(folder, sample_photos)
  return (
    "photos",
    "--source",
    str(folder / "photos"),
    "--labels",
    str(folder / "labels.csv"),
    "--attribute",
    "Bright",
  )


@pytest.fixture(scope="session")
def few_run(output, few_photos, tmp_path_factory) -> running.Run:
  """A run of few photos, with a generator out of a package."""

  def make() -> running.Run:
    run = running.run_pipeline(
      output, "few", *few_photos, "--generator", "dcgan-digiface", settings=running.SMALLEST
    )
    assert run.status == 0, run.errors
    return run

  return sharing.run(tmp_path_factory, "few_run", make)


@pytest.fixture
def invoke(monkeypatch, capsys) -> Callable[..., running.Command]:
  """invoke(*arguments): the command line, as a person would use it, in this
  process."""

  def call(*arguments):
    monkeypatch.setattr(sys, "argv", ["pipeline", *map(str, arguments)])
    status = 0
    try:
      cli.main()
    except SystemExit as error:
      status = error.code or 0
    printed = capsys.readouterr()
    return running.Command(status, printed.out, printed.err)

  monkeypatch.setenv("COLUMNS", "200")
  return call


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[mariadb.Server]:
  """A MySQL server for ML Metadata."""
  if not mariadb.is_installed():
    pytest.skip(f"MariaDB is missing: apt install {mariadb.PACKAGES}")
  with mariadb.running() as server:
    yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
  """Headless Chromium, as Playwright drives it."""
  if not browsers.is_installed():
    pytest.skip(f"Chromium is missing: apt install {browsers.PACKAGES}")
  with browsers.launched() as launched:
    yield launched


@pytest.fixture(autouse=True, scope="session")
def quiet_libraries():
  """TFX and Beam log every step; a failing test shows what it needs."""
  logging.getLogger().setLevel(logging.ERROR)
