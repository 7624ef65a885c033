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


def _task(spec, name="Ladder"):
  return spec["root"]["dag"]["tasks"][name]


def _executor(spec, name="Ladder"):
  return spec["deploymentSpec"]["executors"][spec["components"][name]["executorLabel"]]


def _wrong_type(spec):
  _parameter(spec, "Ladder", "settings")["runtimeValue"]["constant"] = ["a", "list"]


def _not_given(spec):
  del _task(spec)["inputs"]["parameters"]["settings"]


def _task_name(spec):
  spec["root"]["dag"]["tasks"]["The_Pusher"] = spec["root"]["dag"]["tasks"].pop("Pusher")


def _deprecated_type(spec):
  spec["components"]["Ladder"]["inputDefinitions"]["parameters"]["settings"] = {"type": "STRING"}


def _schema_version(spec):
  spec["schemaVersion"] = "2.0.0"


def _capitals(spec):
  spec["pipelineInfo"]["name"] = "Sample"


def _no_task_info(spec):
  del _task(spec)["taskInfo"]


def _count(spec):
  accelerator = {"type": "nvidia.com/gpu", "count": "one"}
  _executor(spec)["container"]["resources"]["accelerator"] = accelerator


def _two_keys(spec):
  artifacts = _task(spec)["inputs"]["artifacts"]
  artifacts["again"] = artifacts["embeddings"]


def _equal_containers(spec):
  spec["deploymentSpec"]["executors"][spec["components"]["Report"]["executorLabel"]] = _executor(
    spec
  )


def _for_kubernetes(spec):
  _executor(spec)["container"]["args"].append("--cost=$$5")


def _too_large(spec):
  _parameter(spec, "Ladder", "settings")["runtimeValue"]["constant"] = "x" * spec_file.MAX_ARGUMENT


@pytest.mark.parametrize(
  "change, problem",
  [
    (_too_large, "bytes for an argument of Kubeflow's driver"),
    (_wrong_type, "Ladder, parameter settings: ['a', 'list'] is no STRING"),
    (_not_given, "Ladder, parameter settings: is declared, and the task gives none"),
    (_task_name, "The_Pusher: Argo takes letters"),
    (_deprecated_type, "Ladder, parameter settings: has no parameterType"),
    (_schema_version, "schemaVersion 2.0.0: Kubeflow takes 2.1.0 only"),
    (_capitals, "Sample: a pipeline's name has small letters"),
    (_no_task_info, "Ladder: has no taskInfo"),
    (_count, "Ladder: 'one' is no number of accelerators"),
    (_two_keys, "Ladder, inputs again and embeddings: are one artifact"),
    (_equal_containers, "another component has an equal container"),
    (_for_kubernetes, "Ladder: '$$5' would be changed on the way"),
  ],
)
def test_what_kubeflow_refuses_is_named(file, change, problem):
  found = list(spec_file.problems(spec_file.load(_changed(file, change))))
  assert any(problem in one for one in found), found


def test_an_unknown_field_of_the_kubernetes_part_is_refused(file):
  spec, pods = yaml.safe_load_all(file.read_text())
  executors = pods["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
  executors[spec["components"]["Ladder"]["executorLabel"]]["pvcMounts"] = []
  file.write_text(yaml.safe_dump_all([spec, pods]))
  with pytest.raises(errors.UserError, match="no compiled pipeline: .*pvcMounts"):
    spec_file.load(file)


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
