"""Carries out a compiled pipeline with Kubeflow's own driver and launcher.

What is done here is what Argo does: the order of the tasks, the arguments of
the programs, and what one hands to the next.
"""

import dataclasses
import json
import pathlib
import re
import subprocess
import uuid
from collections.abc import Sequence
from typing import Any

from components.shared.assets import cache
from components.shared.core import errors
from devtools.conformance import pods, recorder
from pipeline import console
from pipeline.platforms.kubeflow import spec_file

_ADDRESSES = {
  "ml_pipeline_server_address": "ml-pipeline.kubeflow",
  "ml_pipeline_server_port": "8887",
  "mlmd_server_address": "metadata-grpc-service.kubeflow",
  "mlmd_server_port": "8080",
}


@dataclasses.dataclass
class Workflow:
  """One run of a pipeline.

  Attributes:
    file: the compiled pipeline.
    work: folder of the stand-ins and of what runs leave.
    driver: Kubeflow's program.
    launcher: Kubeflow's program.
    run_id: of the run.
    pods: each step's pod, as the driver patched it.
    cached: steps whose results came from the cache.
  """

  file: spec_file.SpecFile
  work: pathlib.Path
  driver: pathlib.Path
  launcher: pathlib.Path
  run_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
  pods: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
  cached: list[str] = dataclasses.field(default_factory=list)

  def run(self, parameters: dict[str, Any]) -> None:
    """Runs all tasks, one after the other.

    Raises:
      RunFailed: one of the programs failed.
    """
    root = self._drive(
      "root",
      {
        "type": "ROOT_DAG",
        "component": json.dumps(self.file.spec["root"]),
        "runtime_config": json.dumps({"parameterValues": parameters}),
      },
      ("execution_id", "iteration_count", "condition"),
    )
    components = self._components()
    for number, (name, task) in enumerate(self.file.tasks.items(), 1):
      executor = self.file.executor(task)
      component = json.dumps(components[name])
      console.say(f"[{number:2d}/{len(self.file.tasks)}] {name}")
      if "importer" in executor:
        self._import(name, task, component, executor["importer"], root["execution_id"])
        continue
      decided = self._drive(
        name,
        {
          "type": "CONTAINER",
          "dag_execution_id": root["execution_id"],
          "component": component,
          "task": json.dumps(task),
          "task_name": name,
          "container": json.dumps(executor["container"]),
          "kubernetes_config": json.dumps(self.file.pod(task)),
        },
        ("cached_decision", "condition", "pod_spec_patch"),
      )
      if decided.get("condition") == "false":
        continue
      if decided.get("cached_decision") == "true":
        self.cached.append(name)
        continue
      self._execute(name, json.loads(decided["pod_spec_patch"]))

  def _components(self) -> dict[str, dict[str, Any]]:
    """By task. Kubeflow keeps them under the hash of their containers: the
    first one in the order of tasks' names stands for all that have an equal one."""
    kept: dict[str, dict[str, Any]] = {}
    found = {}
    for name, task in sorted(self.file.tasks.items()):
      container = self.file.executor(task).get("container")
      key = json.dumps(container, sort_keys=True) if container else name
      found[name] = kept.setdefault(key, self.file.component(task))
    return found

  def _drive(self, name: str, given: dict[str, str], outputs: Sequence[str]) -> dict[str, str]:
    folder = self.work / "outputs"
    for old in folder.iterdir():
      old.unlink()
    arguments = {
      "pipeline_name": self.file.name,
      "run_id": self.run_id,
      "run_name": f"{self.file.name}-run",
      "run_display_name": self.file.name,
      "iteration_index": "-1",
      **dict.fromkeys(("http_proxy", "https_proxy", "no_proxy"), ""),
      **_ADDRESSES,
      **given,
      **{f"{output}_path": f"/outputs/{output}" for output in outputs},
    }
    self._run(f"{name}-driver", self.driver, arguments)
    return {path.name: path.read_text() for path in folder.iterdir()}

  def _import(
    self, name: str, task: dict[str, Any], component: str, importer: dict[str, Any], dag: str
  ) -> None:
    arguments = {
      "executor_type": "importer",
      "task_spec": json.dumps(task),
      "component_spec": component,
      "importer_spec": json.dumps(importer),
      "pipeline_name": self.file.name,
      "run_id": self.run_id,
      "parent_dag_id": dag,
      "pod_name": "$(KFP_POD_NAME)",
      "pod_uid": "$(KFP_POD_UID)",
      **_ADDRESSES,
    }
    self._run(name, self.launcher, arguments)

  def _execute(self, name: str, patch: dict[str, Any]) -> None:
    (main,) = patch["containers"]
    self.pods[name] = patch
    claims = {
      volume["name"]: volume["persistentVolumeClaim"]["claimName"]
      for volume in patch.get("volumes", ())
    }
    mounts = {}
    for mount in main.get("volumeMounts", ()):
      folder = self.work / "volumes" / claims[mount["name"]]
      folder.mkdir(parents=True, exist_ok=True)
      mounts[mount["mountPath"]] = str(folder)
    environment = {entry["name"]: entry.get("value", "") for entry in main.get("env", ())}
    if cache.VARIABLE in environment:  # There is no network to fetch it from.
      mounts[environment[cache.VARIABLE]] = str(cache.folder().absolute())
    status, log = pods.run(
      self.work,
      name,
      ["/usr/bin/env", "PATH=/recorder:/usr/local/bin:/usr/bin:/bin", *main["command"]]
      + main.get("args", []),
      self.launcher,
      mounts,
      {**environment, recorder.STEP: name},
    )
    _check(name, status, log)

  def _run(self, name: str, program: pathlib.Path, arguments: dict[str, str]) -> None:
    known = _flags(program)
    command = [str(program)]
    for flag, value in arguments.items():
      if flag in known:
        command += [f"--{flag}", value]
    status, log = pods.run(
      self.work, name, command, self.launcher, {str(program.parent): str(program.parent)}, {}
    )
    _check(name, status, log)


def _flags(program: pathlib.Path) -> set[str]:
  """The flags that a version of a program has."""
  done = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
  return set(re.findall(r"^\s+-(\w+)", done.stderr + done.stdout, re.MULTILINE))


def _check(name: str, status: int, log: pathlib.Path) -> None:
  if status:
    lines = log.read_text(errors="replace").strip().splitlines() or ["no output"]
    said = [line for line in lines if line.startswith(("F", "error: "))] or lines
    raise errors.RunFailed(f"{name}: {said[-1][:1000]} (status {status}; log: {log})")
