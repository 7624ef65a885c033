"""Faces as a model would have seen them, without a model."""

import datetime
import io
import pathlib
from collections.abc import Iterable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from components.shared.learning import arrays, monitoring
from pipeline import run_folder
from pipeline.programs import prediction
from pipeline.programs.monitoring import log as log_lib

MONDAY = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.timezone.utc)


def seen(jpeg: bytes) -> prediction.Prediction:
  """A face network of mean colours, and a classifier of whether the hair is
  darker than the face."""
  with Image.open(io.BytesIO(jpeg)) as image:
    colours = np.asarray(image.convert("RGB").resize((4, 4), Image.Resampling.BOX), np.float32)
  embedding = colours.reshape(-1)
  darker = colours[1:3, 1:3].mean() - colours[0].mean()
  probability = float(1 / (1 + np.exp(-(darker - 20) / 10)))
  return prediction.Prediction(
    photo="someone.jpg",
    labels={"Dark": int(probability >= 0.5)},
    probabilities={"Dark": probability},
    embedding=embedding,
    face=jpeg,
  )


def as_faces(rows: Iterable[prediction.Prediction]) -> monitoring.Faces:
  """What `monitoring` takes of predictions."""
  rows = list(rows)
  return monitoring.Faces(
    quality=np.stack([monitoring.quality(row.face) for row in rows]),
    embeddings=np.stack([row.embedding for row in rows]),
    probabilities={"Dark": np.array([row.probabilities["Dark"] for row in rows])},
    labels={"Dark": np.array([row.labels["Dark"] for row in rows])},
  )


def another_camera(jpeg: bytes) -> bytes:
  """The photo, grey and darker."""
  with Image.open(io.BytesIO(jpeg)) as image:
    changed = ImageEnhance.Brightness(image.convert("L").convert("RGB")).enhance(0.6)
  content = io.BytesIO()
  changed.save(content, "JPEG", quality=95)
  return content.getvalue()


@pytest.fixture(scope="session")
def photos(sample_photos) -> list[bytes]:
  """The sample's photos, in an order of their own."""
  files = sorted(sample_photos.iterdir())
  return [files[i].read_bytes() for i in np.random.default_rng(0).permutation(len(files))]


@pytest.fixture(scope="session")
def trained_on(photos) -> bytes:
  """A baseline of half of the photos, 94 of which were held out."""
  faces = as_faces(map(seen, photos[:250]))
  return monitoring.baseline(faces, np.arange(250) < 94)


@pytest.fixture
def folder(tmp_path, trained_on) -> run_folder.RunFolder:
  """A run's folder with one pushed model, that has a baseline."""
  folder = run_folder.RunFolder(tmp_path / "output" / "sample")
  extra = folder.pushed / "100" / arrays.FOLDER
  extra.mkdir(parents=True)
  (extra / monitoring.FILE).write_bytes(trained_on)
  return folder


@pytest.fixture
def use(folder, tmp_path):
  """use(week, jpegs): a call of `predict --log` in a week, as it logs."""

  def call(week: int, jpegs: Iterable[bytes], failed: int = 0) -> pathlib.Path:
    log = log_lib.Log(tmp_path / "log", folder.latest_pushed())
    for jpeg in jpegs:
      log.add(seen(jpeg))
    for _ in range(failed):
      log.add(prediction.Prediction(photo="nobody.jpg", reason="no face was found"))
    return log.write(MONDAY + datetime.timedelta(days=7 * week))

  return call
