"""What Kubeflow's own programs gave to each step is what `rehearse` gives."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("kfp", reason="Kubeflow's packages come with TFX 1.21")

# pylint: disable=wrong-import-position
from devtools.conformance import recording, small
from devtools.rehearsal import invocation, rehearse
from pipeline.platforms.kubeflow import run_executor, spec_file

_RECORDED = pathlib.Path(__file__).parent / "recorded"
_VERSIONS = {version.name: version for version in (invocation.OLDEST, invocation.NEWEST)}
_AGAIN = (
  "the compiled file has changed: record again, with Kubeflow's own programs, by "
  "make conformance DRIVER=... LAUNCHER=... RECORD={} (docs/kubeflow.md)"
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
  path = tmp_path_factory.mktemp("compiled") / "pipeline.yaml"
  small.write(path)
  return path


@pytest.fixture(scope="module", params=list(_VERSIONS))
def version(request):
  return _VERSIONS[request.param]


@pytest.fixture(scope="module")
def recorded(version, compiled):
  found = json.loads((_RECORDED / f"{version.name}.json").read_text())
  if found["file"] != recording.hash_of(compiled.read_text()):
    pytest.skip(_AGAIN.format(version.name))
  return found["steps"]


@pytest.fixture(scope="module")
def given(version, compiled):
  """What `rehearse` gives to each step, if steps report what they did report."""
  file = spec_file.load(compiled)
  reports = json.loads((_RECORDED / "reports.json").read_text())
  parameters = rehearse.parameters_of(file, {})
  if set(file.tasks) - set(reports):
    pytest.skip(_AGAIN.format(version.name))
  results, found = {}, {}
  for name, task in file.tasks.items():
    inputs = rehearse.inputs(name, task, results, parameters)
    base = f"{file.root}/{file.name}/run/{name}"
    found[name] = invocation.executor_input(inputs, file.component(task), base, version)
    results[name] = invocation.published(name, found[name]["outputs"], reports[name], version)
  return found


def test_every_step_is_given_what_kubeflow_gave(recorded, given):
  assert set(recorded) == set(given)
  for name, step in recorded.items():
    assert recording.comparable(given[name]) == step["invocation"], name


def test_every_pod_is_what_the_file_asks_for(recorded, compiled):
  file = spec_file.load(compiled)
  for name, task in file.tasks.items():
    step, executor = recorded[name], file.executor(task)["container"]
    assert step["executor"] in executor["args"]
    asked = executor["resources"].get("accelerator")
    assert ("nvidia.com/gpu" in step["resources"]["limits"]) == bool(asked), name
    assert bool(step["tolerations"]) == bool(asked), name
    assert step["volumes"][0]["persistentVolumeClaim"]["claimName"] == "latent-labels"
    assert step["volumeMounts"][0]["mountPath"] == "/mnt/latent-labels"
    assert {entry["name"] for entry in step["env"]} == {"FACES_CACHE"}


def test_every_step_takes_it(given, compiled, tmp_path, monkeypatch):
  """Kubeflow has made the file of its log before the step starts."""
  monkeypatch.setenv(run_executor.ROOT_VARIABLE, str(tmp_path))
  file = spec_file.load(compiled)
  for name, task in file.tasks.items():
    outputs = given[name]["outputs"]["artifacts"]
    (logs,) = outputs[invocation.LOGS]["artifacts"]
    path = pathlib.Path(run_executor.to_path(logs["uri"]))
    path.parent.mkdir(parents=True)
    path.touch()
    arguments = [
      argument.replace("{{$}}", json.dumps(given[name]))
      for argument in file.executor(task)["container"]["args"]
    ]
    prepared = run_executor.prepare(arguments)
    run_executor.make_folders(prepared)
    taken = json.loads(prepared[prepared.index(run_executor.INVOCATION) + 1])
    assert set(taken["outputs"]["artifacts"]) == set(outputs) - {invocation.LOGS}, name


@pytest.mark.slow
def test_kubeflows_own_programs_carry_it_out(tmp_path):
  """And take everything from the cache the second time but what looks outside."""
  programs = [os.environ.get(name) for name in ("KUBEFLOW_DRIVER", "KUBEFLOW_LAUNCHER")]
  if not all(programs):
    pytest.skip("KUBEFLOW_DRIVER and KUBEFLOW_LAUNCHER name no programs (docs/kubeflow.md)")
  command = [sys.executable, "-m", "devtools.conformance", "--fast", "--folder", str(tmp_path)]
  command += ["--driver", programs[0], "--launcher", programs[1]]
  lines = []
  for _ in range(2):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    if done.stderr.startswith("skipped"):
      pytest.skip(done.stderr)
    lines.append(done.stdout.splitlines()[-1])
  steps = int(lines[0].split()[0])
  assert lines[0] == f"{steps} steps; {steps} ran, 0 came from the cache"
  ran = int(lines[1].split()[2])
  assert 0 < ran < steps / 4
