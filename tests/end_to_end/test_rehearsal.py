"""A compiled pipeline, carried out as Kubeflow would."""

import json
import os

import pytest

from tests.end_to_end import running

pytest.importorskip("kfp", reason="Kubeflow's packages come with TFX 1.21")
import yaml  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.slow

_SETTINGS = tuple(
  part for setting in (*running.SMALL, "kubeflow.gpu_steps=[]") for part in ("--set", setting)
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
  """The sample, as small as the local run, on processors only."""
  path = tmp_path_factory.mktemp("compiled") / "pipeline.yaml"
  done = running.command(
    "compile",
    "sample",
    *_SETTINGS,
    "--image",
    "me/latent-labels:1",
    "--volume",
    "data",
    "-o",
    str(path),
  )
  assert done.returncode == 0, done.stderr[-2000:]
  assert "accepted by kfp" in done.stdout
  return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
  return tmp_path_factory.mktemp("rehearsal")


@pytest.fixture(scope="module")
def rehearsed(file, folder):
  """Its printed lines."""
  done = running.command("rehearse", str(file), "--folder", str(folder), "--warm")
  assert done.returncode == 0, done.stderr[-2000:]
  return done.stdout


def _evaluation(folder):
  return json.loads((folder / "report" / "evaluation.json").read_text())


def test_it_ends_as_the_local_run_does(rehearsed, folder, first_run):
  found, local = _evaluation(folder), first_run.evaluation
  for key in ("ladder", "hand_labeled", "generator", "direction", "blessed"):
    assert found[key] == local[key], key
  assert " <- pushed" in rehearsed
  (pushed,) = (folder / "volumes" / "data" / "sample" / "model").iterdir()
  assert (pushed / "saved_model.pb").is_file()


def test_artifacts_are_in_the_store_and_nowhere_else(rehearsed, folder):
  store = folder / "store" / "minio" / "mlpipeline" / "v2" / "artifacts"
  (run,) = (store / "sample").iterdir()
  (started,) = (run / "Report").iterdir()
  assert (started / "report" / "index.html").is_file()
  assert (started / "executor-logs-0").is_file()
  (started,) = (run / "FaceExampleGen").iterdir()
  assert (started / "examples" / "Split-training").is_dir()
  assert not [
    name for name in os.listdir(folder / "volumes" / "data") if name not in ("cache", "sample")
  ]


def test_the_second_time_only_what_looks_outside_runs(rehearsed, folder, file, tmp_path):
  """The model that was pushed is now what a new one is compared with. What
  runs under a condition that does not hold is left out."""
  spec, pods = yaml.safe_load_all(file.read_text())
  spec["root"]["dag"]["tasks"]["Pusher"]["triggerPolicy"] = {
    "condition": "inputs.parameter_values['push_destination'] == ''"
  }
  changed = tmp_path / "pipeline.yaml"
  changed.write_text(yaml.safe_dump_all([spec, pods]))
  done = running.command("rehearse", str(changed), "--folder", str(folder))
  assert done.returncode == 0, done.stderr[-2000:]
  lines = done.stderr.splitlines()
  ran = [
    line.split()[1 if line[1] != " " else 2]
    for line, after in zip(lines, lines[1:], strict=False)
    if line.startswith("[") and "cache" not in after
  ]
  assert sorted(ran) == ["Evaluator", "LatestBlessedModel", "Pusher", "Report", "ServingGate"]
  assert "Pusher ...\n        left out, since its condition" in done.stderr
  assert _evaluation(folder)["blessed"]


@pytest.mark.parametrize(
  "arguments, message",
  [
    (("-p", "sed=1"), "no parameter sed; this pipeline has: attribute"),
    (("-p", "seed=one"), "seed is a whole number, not 'one'"),
    (("-p", "seed"), "write it as NAME=VALUE"),
  ],
)
def test_wrong_parameters_are_refused(file, tmp_path, arguments, message):
  done = running.command("rehearse", str(file), "--folder", str(tmp_path / "new"), *arguments)
  assert done.returncode == 2
  assert message in done.stderr
  assert not (tmp_path / "new").exists()


def test_executors_that_are_not_installed_are_named_first(file, tmp_path):
  other = tmp_path / "pipeline.yaml"
  other.write_text(
    file.read_text().replace("components.ladder.executor.Executor", "components.lader.Executor")
  )
  done = running.command("rehearse", str(other), "--folder", str(tmp_path / "new"))
  assert done.returncode == 1
  assert "Ladder: components.lader.Executor can not be imported" in done.stderr


def test_a_step_that_fails_is_named_and_goes_on_afterwards(file, folder, rehearsed):
  """In one line, as the step itself said it."""
  done = running.command("rehearse", str(file), "--folder", str(folder), "-p", "attribute=Grinning")
  assert done.returncode == 1
  assert "AnnotationGen: error: " in done.stderr
  assert "Grinning" in done.stderr.splitlines()[-1]
