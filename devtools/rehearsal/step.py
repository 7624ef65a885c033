"""One step of a rehearsal: what Kubeflow's launcher does around a container.

The order of things and the folders follow the launcher of Kubeflow Pipelines 2
(backend/src/v2/component/launcher_v2.go).
"""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from components.shared.assets import cache
from devtools.rehearsal import invocation, object_store
from devtools.rehearsal import warm as warm_lib
from pipeline.platforms.kubeflow import run_executor, spec_file


class StepFailed(Exception):
  """A container ended with an error; the message is one line."""


@dataclasses.dataclass(frozen=True)
class Machine:
  """What stands for a node of the cluster.

  Attributes:
    store: the object store.
    mounts: folders that stand for mounted volumes, by where they are mounted.
    logs: folder of the steps' logs.
    warm: what steps are forked from; None: each starts anew.
  """

  store: object_store.ObjectStore
  mounts: Mapping[str, pathlib.Path]
  logs: pathlib.Path
  warm: warm_lib.Steps | None = None

  def run(
    self, name: str, container: dict[str, Any], executor_input: dict[str, Any]
  ) -> dict[str, Any]:
    """Runs a container's command on inputs out of the store.

    It sees nothing of this machine but its Python, the folders that stand for
    volumes, and the cache of weights: the environment is empty, the working
    folder new, and other steps' folders are gone.

    Args:
      name: of the step.
      container: PipelineContainerSpec.
      executor_input: ExecutorInput; outputs get their addresses from it.

    Returns:
      ExecutorOutput; what it made is in the store.

    Raises:
      StepFailed: the command failed, or an output is missing.
    """
    with tempfile.TemporaryDirectory(prefix="step-") as folder:
      work = pathlib.Path(folder)
      root = work / "artifacts"
      executor_input = json.loads(json.dumps(executor_input))
      outputs = executor_input["outputs"]
      report = root / outputs["outputFile"].lstrip("/")
      outputs["outputFile"] = str(report)
      environment = self._environment(container, work, root)
      for artifact in _artifacts(executor_input["inputs"]):
        self.store.get(artifact["uri"], _local(artifact["uri"], root))
      for artifact in _artifacts(executor_input["outputs"]):
        _local(artifact["uri"], root).parent.mkdir(parents=True, exist_ok=True)
      report.parent.mkdir(parents=True, exist_ok=True)
      (logs,) = outputs["artifacts"][invocation.LOGS]["artifacts"]
      _local(logs["uri"], root).touch()
      command = [
        self._mounted(part)
        for part in (
          *container["command"],
          *(
            argument.replace("{{$}}", json.dumps(executor_input))
            for argument in container.get("args", ())
          ),
        )
      ]
      self._run(name, command, environment, work)
      shutil.copyfile(self.logs / f"{name}.log", _local(logs["uri"], root))
      return self._collect(name, executor_input, report, root)

  def _environment(
    self, container: dict[str, Any], work: pathlib.Path, root: pathlib.Path
  ) -> dict[str, str]:
    home = work / "home"
    home.mkdir()
    return {
      **{
        given["name"]: self._mounted(given.get("value", "")) for given in container.get("env", ())
      },
      "PATH": os.pathsep.join((os.path.dirname(sys.executable), os.defpath)),
      "HOME": str(home),
      "TMPDIR": str(work),
      "LANG": "C.UTF-8",
      cache.VARIABLE: str(cache.folder()),
      run_executor.ROOT_VARIABLE: str(root),
    }

  def _mounted(self, text: str) -> str:
    """A text in which folders of this machine stand for volumes."""
    for mount, folder in self.mounts.items():
      text = text.replace(mount, str(folder))
    return text

  def _run(
    self, name: str, command: list[str], environment: dict[str, str], work: pathlib.Path
  ) -> None:
    longest = max(len(part.encode()) for part in command)
    if longest >= spec_file.MAX_ARGUMENT:
      raise StepFailed(
        f"{name}: an argument of {longest:,} bytes; Linux allows {spec_file.MAX_ARGUMENT - 1:,}"
      )
    path = self.logs / f"{name}.log"
    own = len(run_executor.COMMAND)
    if self.warm is not None and tuple(command[:own]) == run_executor.COMMAND:
      status = self.warm.run(command[own:], environment, work, path)
    else:
      status = self._run_anew(command, environment, work, path)
    if status:
      raise StepFailed(f"{name}: {_last_error(path)} (status {status}; log: {path})")

  @staticmethod
  def _run_anew(
    command: list[str], environment: dict[str, str], work: pathlib.Path, path: pathlib.Path
  ) -> int:
    with (
      path.open("wb") as log,
      subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
      ) as process,
    ):
      try:
        return process.wait()
      except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise

  def _collect(
    self, name: str, executor_input: dict[str, Any], report: pathlib.Path, root: pathlib.Path
  ) -> dict[str, Any]:
    try:
      output = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
      raise StepFailed(f"{name}: reported nothing to the launcher") from None
    for key, given in executor_input["outputs"]["artifacts"].items():
      (wanted,) = given["artifacts"]
      (made,) = output.get("artifacts", {}).get(key, {}).get("artifacts", [{}])
      uri = made.get("uri", wanted["uri"])
      if uri != wanted["uri"]:
        raise StepFailed(f"{name}: {key} lies at {uri}, which no other step sees")
      self.store.put(_local(uri, root), uri)
    return output


def executors(containers: Mapping[str, dict[str, Any]]) -> dict[str, str]:
  """Dotted paths of the classes that steps run, by step.

  Args:
    containers: PipelineContainerSpecs by step.
  """
  paths = {}
  for name, container in containers.items():
    arguments = container.get("args", [])
    if "--executor_class_path" in arguments:
      paths[name] = arguments[arguments.index("--executor_class_path") + 1]
  return paths


def check_executors(containers: Mapping[str, dict[str, Any]]) -> list[str]:
  """Imports every executor in a clean process.

  Args:
    containers: PipelineContainerSpecs by step.

  Returns:
    A line for each that can't be imported.
  """
  paths = executors(containers)
  script = (
    "import importlib, json, sys\n"
    "for name, path in json.loads(sys.argv[1]).items():\n"
    "  module, _, kind = path.rpartition('.')\n"
    "  try:\n"
    "    getattr(importlib.import_module(module), kind)\n"
    "  except Exception as error:\n"
    "    print(f'{name}: {path} can not be imported: {error}')\n"
  )
  with tempfile.TemporaryDirectory() as folder:
    done = subprocess.run(
      ["python", "-W", "ignore", "-c", script, json.dumps(paths)],
      cwd=folder,
      check=False,
      capture_output=True,
      text=True,
      env={
        "PATH": os.pathsep.join((os.path.dirname(sys.executable), os.defpath)),
        "HOME": folder,
        "TF_USE_LEGACY_KERAS": "0",
      },
    )
  if done.returncode:
    return [f"Python does not start: {done.stderr[-300:]}"]
  return [line for line in done.stdout.splitlines() if "can not" in line]


def _local(uri: str, root: pathlib.Path) -> pathlib.Path:
  """The launcher's folder for an address, below a root of one step's own."""
  return pathlib.Path(run_executor.to_path(uri, str(root)))


def _artifacts(part: dict[str, Any]) -> list[dict[str, Any]]:
  return [
    artifact for given in part.get("artifacts", {}).values() for artifact in given["artifacts"]
  ]


def _last_error(path: pathlib.Path) -> str:
  lines = [
    line.strip()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    if line.strip()
  ]
  named = [line for line in lines if line.startswith("error: ")]
  return (named or lines or ["no output"])[-1][:300]
