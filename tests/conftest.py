"""Shared by all tests: the real photos, the real weights, one small run."""

import csv
import logging
import pathlib
import shutil
import signal
from typing import Any, Iterator, Sequence
import warnings

import components  # noqa: F401  Decides on libraries before they are imported.

warnings.filterwarnings("ignore", category=FutureWarning)
# What a shell starts in its background ignores Ctrl+C, and so would the
# commands that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# pylint: disable=wrong-import-position
import pytest

from components import assets
from components.face_example_gen import sources
from components.face_example_gen.settings import SourceSettings
from tests import browsers
from tests import mariadb
from tests.components.embedding_network import random_vgg_face
from tests.end_to_end import running

_PHOTOS = 80
_LABELED = 60


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
  return tmp_path_factory.mktemp("output")


@pytest.fixture(scope="session")
def first_run(output) -> running.Run:
  """The sample, run into an empty folder."""
  run = running.run_pipeline(output, "small", "sample")
  assert run.status == 0, run.errors
  return run


@pytest.fixture(scope="session")
def few_photos(tmp_path_factory, sample_photos) -> Sequence[str]:
  """Arguments that name some photos in a folder, and labels of most of them
  in a CSV."""
  folder = tmp_path_factory.mktemp("few")
  (folder / "photos").mkdir()
  rows = list(sources.open_source(SourceSettings()).rows())[:_PHOTOS]
  for row in rows:
    shutil.copy(sample_photos / row.image_id, folder / "photos")
  with open(folder / "labels.csv", "w", encoding="utf-8") as file:
    csv.writer(file).writerows([("image_id", "Male"), *(
        (row.image_id, row.annotations["Male"]) for row in rows[:_LABELED])])
  return ("photos", "--source", str(folder / "photos"), "--labels",
          str(folder / "labels.csv"), "--attribute", "Male")


@pytest.fixture(scope="session")
def few_run(output, few_photos) -> running.Run:
  """A run of few photos, with a generator out of a package."""
  run = running.run_pipeline(
      output, "few", *few_photos, "--generator", "dcgan-digiface",
      settings=running.SMALLEST)
  assert run.status == 0, run.errors
  return run


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
