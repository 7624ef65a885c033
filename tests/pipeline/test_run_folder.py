"""Whose folder it is."""

import dataclasses
import json

import pytest

from components.shared.core import errors
from components.shared.data.settings import SourceSettings
from pipeline import config as config_lib
from pipeline import run_folder


@pytest.fixture
def config(tmp_path):
  return config_lib.Config(runtime=config_lib.RuntimeSettings(output=str(tmp_path / "output")))


def test_claims_a_new_folder_and_its_own_again(config):
  for _ in range(2):
    with run_folder.claimed(config) as folder:
      assert (folder.path / "config.yaml").read_text() == config_lib.to_yaml(config)


@pytest.mark.parametrize(
  "source", [SourceSettings(attributes=("Smiling",)), SourceSettings(path="elsewhere")]
)
def test_refuses_another_runs_folder(config, source):
  with run_folder.claimed(config):
    pass
  before = (config.folder / "config.yaml").read_text()
  with pytest.raises(errors.UserError, match="belongs to another run"):
    with run_folder.claimed(dataclasses.replace(config, source=source)):
      pass
  assert (config.folder / "config.yaml").read_text() == before


def test_refuses_a_folder_that_is_no_run(config):
  config.folder.mkdir(parents=True)
  (config.folder / "holiday.jpg").touch()
  with pytest.raises(errors.UserError, match="not a run"), run_folder.claimed(config):
    pass
  assert [p.name for p in config.folder.iterdir()] == ["holiday.jpg"]


def test_refuses_a_file(config):
  config.folder.parent.mkdir(parents=True)
  config.folder.touch()
  with pytest.raises(errors.UserError, match="there is a file"), run_folder.claimed(config):
    pass


def test_refuses_a_damaged_owner(config):
  config.folder.mkdir(parents=True)
  (config.folder / "run.json").write_text("{")
  with pytest.raises(errors.UserError, match="is damaged"), run_folder.claimed(config):
    pass


def test_one_at_a_time(config):
  with run_folder.claimed(config):
    with pytest.raises(errors.UserError, match="another run is at work"):
      with run_folder.claimed(config):
        pass


def test_newest_pushed_model(config):
  folder = run_folder.RunFolder(config.folder)
  with pytest.raises(errors.UserError, match="no model was pushed"):
    folder.latest_pushed()
  for version in ("9", "10", "draft"):
    (folder.pushed / version).mkdir(parents=True)
  assert folder.latest_pushed().name == "10"


def test_no_evaluation_yet(config):
  folder = run_folder.RunFolder(config.folder)
  with pytest.raises(errors.UserError, match="no run was completed"):
    folder.read_evaluation()
  folder.path.mkdir(parents=True)
  run_folder.write_text(folder.evaluation, json.dumps({"blessed": True}))
  assert folder.read_evaluation() == {"blessed": True}


@pytest.mark.parametrize(
  "text", ["[]", "null", "[" * 100_000, '{"id": "../../x"}', '{"id": 5}', "\udcff"]
)
def test_refuses_owners_that_no_run_wrote(config, text):
  config.folder.mkdir(parents=True)
  (config.folder / "run.json").write_bytes(text.encode(errors="surrogateescape"))
  with pytest.raises(errors.UserError, match="is damaged"), run_folder.claimed(config):
    pass


def test_a_damaged_evaluation(config):
  folder = run_folder.RunFolder(config.folder)
  folder.path.mkdir(parents=True)
  folder.evaluation.write_text("[]")
  with pytest.raises(errors.UserError, match="is damaged"):
    folder.read_evaluation()
  (folder.pushed / "²").mkdir(parents=True)
  with pytest.raises(errors.UserError, match="no model was pushed"):
    folder.latest_pushed()


@pytest.mark.parametrize("name", ["runs [1]", "what?", "all*"])
def test_refuses_paths_that_are_patterns_to_tfx(config, tmp_path, name):
  inside = dataclasses.replace(
    config, runtime=config_lib.RuntimeSettings(output=str(tmp_path / name / "output"))
  )
  for use in (run_folder.check, lambda config: run_folder.claimed(config).__enter__()):
    with pytest.raises(errors.UserError, match="patterns of names; choose another --output"):
      use(inside)
  assert not (tmp_path / name).exists()


def test_settings_of_another_version_are_refused_by_file(config):
  with run_folder.claimed(config) as folder:
    pass
  assert folder.read_config() == config
  folder.config.write_text(f"{folder.config.read_text()}brand_new: 3\n")
  told = f"{folder.config}: brand_new: .*; if another version of this program wrote it"
  with pytest.raises(errors.UserError, match=told):
    folder.read_config()


def test_a_renamed_folder_is_the_same_run_to_ml_metadata(config):
  with run_folder.claimed(config) as folder:
    assert folder.places(config).pipeline_name == config.name
  renamed = dataclasses.replace(config, name="renamed")
  folder.path.rename(renamed.folder)
  with run_folder.claimed(renamed) as again:
    assert again.places(renamed).pipeline_name == config.name
    assert again.read_config().name == "renamed"
