"""What was pushed, and the way back."""

import json
import re
import shutil

import pytest

from components.shared.artifacts import versions
from components.shared.core import errors
from components.shared.learning import served
from pipeline import config as config_lib
from pipeline import lineage, run_folder
from pipeline.programs.monitoring import models
from tests import metadata


@pytest.fixture
def model(tmp_path):
  """A SavedModel that a server can load."""
  import tensorflow as tf

  module = tf.Module()
  module.weight = tf.Variable([1.0])
  double = tf.function(lambda x: {"y": x * module.weight}, [tf.TensorSpec([None], tf.float32, "x")])
  tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"double": double})
  return tmp_path / "saved"


@pytest.fixture
def folder(tmp_path, model):
  """A run's folder with the versions 100, 200 and 300, known to ML Metadata."""
  folder = run_folder.RunFolder(tmp_path / "output" / "sample")
  folder.path.mkdir(parents=True)
  folder.config.write_text(config_lib.to_yaml(config_lib.Config()))
  recorder = metadata.Recorder(folder.metadata)
  for version in ("100", "200", "300"):
    shutil.copytree(model, folder.pushed / version)
    (folder.pushed / version / "fingerprint.pb").write_bytes(version.encode())
    metadata.pushed_model(recorder, f"/{version}", version)
  return folder


@pytest.fixture
def command(invoke, folder):
  """command(verb, arguments): of that run."""
  return lambda *arguments: invoke(*arguments, "--output", folder.path.parent)


def _states(command):
  rows = json.loads(command("models", "--json").printed)
  return {row["version"]: (row["state"], row["copy_of"]) for row in rows}


def test_back_and_forth(command, folder):
  assert _states(command) == {300: ("served", None), 200: ("older", None), 100: ("older", None)}
  done = command("rollback")
  assert done.status == 0, done.errors
  assert re.search(r"/\d+ is served from now on: 200 again, in the place of 300", done.printed)
  (new,) = {*versions.numbers(str(folder.pushed))} - {100, 200, 300}
  assert _states(command) == {
    new: ("served", 200),
    300: ("withdrawn", None),
    200: ("older", None),
    100: ("older", None),
  }
  assert folder.latest_pushed().name == str(new)
  # ML Metadata knows: who embeds for the copy is who embedded for the model.
  connection = models.connection(folder)
  assert lineage.pushed_models(connection, str(folder.pushed))[new].copy_of == 200
  assert lineage.embedder_of(connection, str(new)) == lineage.embedder_of(connection, "200")
  table = command("models").printed
  assert f"{new}" in table and "served, is 200 again" in table and "withdrawn" in table
  # Further back, and then to what had been withdrawn.
  assert "100 again" in command("rollback").printed
  assert versions.withdrawn(str(folder.pushed)) == [200, 300]
  assert command("rollback", "300").status == 0
  assert versions.withdrawn(str(folder.pushed)) == [100, 200]


def test_what_was_withdrawn_is_not_pushed_again(command, folder, model):
  command("rollback")
  candidate = folder.path / "candidate"
  shutil.copytree(folder.pushed / "300", candidate)
  assert versions.push(str(candidate), str(folder.pushed)) is None
  (candidate / "fingerprint.pb").write_bytes(b"better")
  assert versions.push(str(candidate), str(folder.pushed), {"a.json": b"{}"}) is not None
  assert (folder.latest_pushed() / "assets.extra" / "a.json").read_bytes() == b"{}"


@pytest.mark.parametrize(
  "arguments, said",
  [
    (("400",), "model/400: there is no such version, or its folder is gone"),
    (("300",), "model/300: is what the newest version, 300, is already"),
  ],
)
def test_refused(command, folder, arguments, said):
  done = command("rollback", *arguments)
  assert done.status == 2 and said in done.errors and len(done.errors.splitlines()) == 1
  assert versions.numbers(str(folder.pushed)) == [100, 200, 300]


@pytest.mark.parametrize("file", ["saved_model.pb", "variables/variables.index"])
def test_damaged_model(command, folder, file):
  (folder.pushed / "200" / file).write_bytes(b"damaged")
  done = command("rollback", "200")
  assert done.status == 2 and "model/200: this model is damaged" in done.errors
  assert versions.numbers(str(folder.pushed)) == [100, 200, 300]


def test_folder_that_is_gone(command, folder):
  shutil.rmtree(folder.pushed / "200")
  assert _states(command)[200] == ("gone", None)
  assert "its folder is gone" in command("rollback", "200").errors
  assert "100 again" in command("rollback").printed


def test_nothing_older(command, folder):
  for version in ("100", "200"):
    shutil.rmtree(folder.pushed / version)
  assert "there is no older version" in command("rollback").errors


def test_without_ml_metadata(command, folder):
  folder.metadata.unlink()
  done = command("rollback")
  assert done.status == 0 and "ML Metadata knows nothing of 200" in done.errors
  assert not folder.metadata.exists()
  states = _states(command)
  assert states.pop(max(states)) == ("served", 200)
  assert states == {300: ("withdrawn", None), 200: ("older", None), 100: ("older", None)}


def test_nothing_was_pushed(command, folder):
  shutil.rmtree(folder.pushed)
  folder.metadata.unlink()
  for verb in ("models", "rollback"):
    done = command(verb)
    assert done.status == 2 and "no model was pushed" in done.errors


def test_a_copy_that_does_not_say_of_what(command, folder):
  extra = folder.pushed / "300" / "assets.extra"
  extra.mkdir()
  (extra / versions.ROLLBACK_FILE).write_text("[]")
  done = command("models")
  assert done.status == 2 and "rollback.json: is damaged" in done.errors


def test_a_clean_process_answers(model):
  import numpy as np

  request = served.Request("double", {"x": np.array([2.0, 3.0], np.float32)}, timed=True)
  answers = served.ask(str(model), [request, request], repeats=3)
  assert [found["y"].tolist() for found in answers.outputs] == [[2.0, 3.0]] * 2
  assert len(answers.seconds) == 2 and 0 < max(answers.seconds) < answers.load_seconds + 60
  assert answers.peak_rss_bytes > 1 << 26
  assert served.signatures(str(model))["double"] == (["x"], ["y"])
  with pytest.raises(served.NotServed, match="status 1"):
    served.ask(str(model), [served.Request("triple", {})])
  with pytest.raises(errors.UserError, match="is damaged"):
    served.check(str(model / "variables"))
