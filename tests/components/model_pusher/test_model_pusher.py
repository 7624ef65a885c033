"""Versions are whole, and the newest is the highest."""

import time

import pytest
from tfx.types import standard_artifacts

from components.shared.artifacts import versions


@pytest.fixture(name="model")
def model_(tmp_path):
  folder = tmp_path / "model"
  (folder / "variables").mkdir(parents=True)
  (folder / "saved_model.pb").write_bytes(b"graph")
  (folder / "variables" / "variables.index").write_bytes(b"values")
  return folder


def _push(model, tmp_path):
  return versions.push(str(model), str(tmp_path / "pushed"))


def _versions(tmp_path):
  return sorted(path.name for path in (tmp_path / "pushed").iterdir())


def test_a_version_holds_the_model(model, tmp_path):
  before = int(time.time())
  version = _push(model, tmp_path)
  assert before <= int(version.rpartition("/")[2]) <= time.time()
  assert (tmp_path / version / "saved_model.pb").read_bytes() == b"graph"
  assert versions.newest(str(tmp_path / "pushed")) == version


def test_a_clock_that_was_put_back(model, tmp_path):
  """The version that was pushed last is the highest, whatever the clock."""
  future = int(time.time()) + 10**8
  (tmp_path / "pushed" / str(future)).mkdir(parents=True)
  assert _push(model, tmp_path).endswith(f"/{future + 1}")


def test_what_was_left_unfinished_is_no_version(model, tmp_path):
  left = tmp_path / "pushed" / ".unfinished-0123"
  left.mkdir(parents=True)
  (left / "saved_model.pb").write_bytes(b"half")
  assert versions.newest(str(tmp_path / "pushed")) is None
  _push(model, tmp_path)
  assert len(_versions(tmp_path)) == 1


def test_a_copy_that_fails_shows_nothing(model, tmp_path, monkeypatch):
  def copy_half(source, target):
    del source
    (tmp_path / target).mkdir()
    (tmp_path / target / "saved_model.pb").write_bytes(b"gr")
    raise OSError("no space left")

  monkeypatch.setattr(versions.io_utils, "copy_dir", copy_half)
  with pytest.raises(OSError):
    _push(model, tmp_path)
  assert versions.newest(str(tmp_path / "pushed")) is None


def test_a_push_that_nobody_came_to_know_of_is_not_repeated(model, tmp_path):
  first = _push(model, tmp_path)
  assert _push(model, tmp_path) == first
  (model / "saved_model.pb").write_bytes(b"other")
  assert int(_push(model, tmp_path).rpartition("/")[2]) > int(first.rpartition("/")[2])
  assert len(_versions(tmp_path)) == 2


def test_a_model_that_was_not_blessed_is_not_pushed(model, tmp_path):
  trained, blessing, pushed = (
    standard_artifacts.Model(),
    standard_artifacts.ModelBlessing(),
    standard_artifacts.PushedModel(),
  )
  trained.uri, pushed.uri = str(model), str(tmp_path / "artifact")
  blessing.uri = str(tmp_path / "blessing")
  blessing.set_int_custom_property("blessed", 0)
  (tmp_path / "blessing").mkdir()
  (tmp_path / "blessing" / "NOT_BLESSED").touch()
  versions.Executor().Do(
    {"model": [trained], "model_blessing": [blessing]},
    {"pushed_model": [pushed]},
    {"push_destination": "{}"},
  )
  assert pushed.get_int_custom_property("pushed") == 0
  assert not (tmp_path / "pushed").exists()
