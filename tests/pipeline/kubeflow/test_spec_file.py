"""What is found in a compiled file before anything runs."""

import pytest

pytest.importorskip("kfp", reason="Kubeflow's packages come with TFX 1.21")

# pylint: disable=wrong-import-position
import yaml

from components.shared.core import errors
from pipeline.platforms.kubeflow import spec_file


def _changed(file, change):
  spec, pods = yaml.safe_load_all(file.read_text())
  change(spec)
  file.write_text(yaml.safe_dump_all([spec, pods]))
  return file


def _parameter(spec, task, name):
  return spec["root"]["dag"]["tasks"][task]["inputs"]["parameters"][name]


@pytest.mark.parametrize(
  "value, problem",
  [
    ("/home/me/photos", "/home/me/photos is a path of one machine"),
    ('{"path": "/data/photos.zip"}', "/data/photos.zip is a path of one"),
    ("--flag=/etc/x", "/etc/x is a path of one machine"),
    ("<thing.Object object at 0x7f00>", "an object that was not serialised"),
  ],
)
def test_what_another_machine_lacks_is_named(file, value, problem):
  def change(spec):
    _parameter(spec, "FaceExampleGen", "settings")["runtimeValue"]["constant"] = value

  found = list(spec_file.problems(spec_file.load(_changed(file, change))))
  assert len(found) == 1
  assert found[0].startswith("FaceExampleGen, parameter settings: ")
  assert problem in found[0]


@pytest.mark.parametrize(
  "value",
  [
    "/mnt/latent-labels/photos",
    '{"path": "/mnt/latent-labels/a.zip"}',
    "minio://bucket/photos",
    "a/relative/path",
    "1/2",
    "/tmp/scratch",
  ],
)
def test_what_every_machine_has_is_not(file, value):
  def change(spec):
    _parameter(spec, "FaceExampleGen", "settings")["runtimeValue"]["constant"] = value

  assert not list(spec_file.problems(spec_file.load(_changed(file, change))))


def test_resolvers_and_missing_parameters_are_named(file):
  def change(spec):
    spec["deploymentSpec"]["executors"]["Ladder_executor"] = {"resolver": {}}
    _parameter(spec, "Trainer", "seed")["componentInputParameter"] = "sed"

  found = list(spec_file.problems(spec_file.load(_changed(file, change))))
  assert any("Ladder: neither a container nor an importer" in f for f in found)
  assert any("the pipeline has no parameter sed" in f for f in found)


@pytest.mark.parametrize(
  "text", ["", "just text", "{}", "a: [", "- 1\n- 2\n", "pipelineInfo: {name: x}\n"]
)
def test_other_files_are_refused_in_one_line(tmp_path, text):
  path = tmp_path / "pipeline.yaml"
  path.write_text(text)
  with pytest.raises(errors.UserError) as caught:
    spec_file.load(path)
  assert "no compiled pipeline" in str(caught.value)
  assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path):
  with pytest.raises(errors.UserError, match="can't be read"):
    spec_file.load(tmp_path / "pipeline.yaml")


def test_tasks_come_after_those_that_they_need(file):
  tasks = spec_file.load(file).tasks
  order = list(tasks)
  for name, task in tasks.items():
    for upstream in task.get("dependentTasks", ()):
      assert order.index(upstream) < order.index(name)
