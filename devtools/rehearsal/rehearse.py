"""Carries out a compiled pipeline on this machine, as Kubeflow would.

Nothing but the compiled file says what is done. The driver's part is here: the
order of the steps, their inputs, the cache. What steps are given is in
`invocation`, the launcher's part in `step`.
"""

import contextlib
import dataclasses
import datetime
import fcntl
import hashlib
import json
import pathlib
import shutil
import time
from collections.abc import Iterator, Mapping
from typing import Any

from components.shared.core import errors
from devtools.rehearsal import invocation, object_store, step
from devtools.rehearsal import warm as warm_lib
from pipeline import console, run_folder
from pipeline.platforms.kubeflow import condition, spec_file

_Artifact = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Outcome:
  """What a rehearsal came to.

  Attributes:
    evaluation: the content of the report's `evaluation.json`.
    report: the page's folder.
  """

  evaluation: dict[str, Any]
  report: pathlib.Path


def rehearse(
  path: pathlib.Path,
  folder: pathlib.Path,
  values: Mapping[str, str],
  volumes: Mapping[str, pathlib.Path],
  warm: bool = False,
) -> Outcome:
  """Runs every step of a compiled pipeline.

  Args:
    path: of the file.
    folder: where the rehearsal keeps the object store, volumes, logs and the
      cache; the same folder resumes where it was stopped.
    values: runtime parameters that differ from their defaults.
    volumes: folders that stand for persistent volume claims, by claim; others
      get a folder below `folder`.
    warm: steps are forked from one process; see `warm`.

  Raises:
    UserError: the file is no compiled pipeline, or holds what can't work on a
      cluster; a parameter that it doesn't have; the folder is in use.
    RunFailed: a step failed.
  """
  file = spec_file.load(path)
  parameters = parameters_of(file, values)
  found = list(spec_file.problems(file))
  if found:
    raise errors.UserError(
      f"{path}: {found[0]}" + (f" (and {len(found) - 1} more of the kind)" if found[1:] else "")
    )
  store = object_store.ObjectStore(folder / "store")
  with _claimed(folder):
    return _Driver(file, folder, store, parameters, volumes).run(warm)


class _Driver:
  """What Kubeflow's driver does, for the one DAG of a pipeline."""

  def __init__(
    self,
    file: spec_file.SpecFile,
    folder: pathlib.Path,
    store: object_store.ObjectStore,
    parameters: dict[str, Any],
    volumes: Mapping[str, pathlib.Path],
  ):
    self._file = file
    self._folder = folder
    self._parameters = parameters
    self._run_id = datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    self._results: dict[str, dict[str, Any]] = {}
    self._cache = _Cache(folder / "cache")
    mounts = {}
    for place, claim in file.mounts().items():
      stand_in = volumes.get(claim, folder / "volumes" / claim).absolute()
      stand_in.mkdir(parents=True, exist_ok=True)
      mounts[place] = stand_in
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    self._machine = step.Machine(store, mounts, logs.absolute())
    self._store = store

  def run(self, warm: bool) -> Outcome:
    """All steps, one after the other; see `rehearse`."""
    tasks = self._file.tasks
    containers = {
      name: self._file.executor(task)["container"]
      for name, task in tasks.items()
      if "container" in self._file.executor(task)
    }
    broken = step.check_executors(containers)
    if broken:
      raise errors.RunFailed("; ".join(broken[:3]))
    console.say(
      f"Rehearsal of {self._file.name}: {len(tasks)} steps, logs in {self._folder / 'logs'}"
    )
    with contextlib.ExitStack() as stack:
      if warm:
        self._machine = dataclasses.replace(
          self._machine,
          warm=stack.enter_context(warm_lib.Steps(list(step.executors(containers).values()))),
        )
      self._steps(tasks)
    return self._outcome()

  def _steps(self, tasks: dict[str, dict[str, Any]]) -> None:
    for number, (name, task) in enumerate(tasks.items(), 1):
      console.say(f"[{number:2d}/{len(tasks)}] {name}{_asks_for(task, self._file)} ...")
      started = time.monotonic()
      became = self._step(name, task)
      seconds = time.monotonic() - started
      console.say(f"        {became or f'done in {seconds:.0f} s'}")

  def _step(self, name: str, task: dict[str, Any]) -> str | None:
    """Carries out a task; says why if it had not to."""
    missing = set(spec_file.upstream(task)) - set(self._results)
    if missing:
      return f"left out with {', '.join(sorted(missing))}"
    executor = self._file.executor(task)
    if "importer" in executor:
      self._results[name] = self._import(task, executor["importer"])
      return None
    container = executor["container"]
    given = self._inputs(name, task)
    expression = task.get("triggerPolicy", {}).get("condition")
    if expression and not condition.holds(expression, given):
      return "left out, since its condition does not hold"
    wanted = invocation.executor_input(
      given,
      self._file.component(task),
      f"{self._file.root}/{self._file.name}/{self._run_id}/{name}",
    )
    key = _Cache.key(given, wanted["outputs"], container, self._file.pod(task))
    allowed = task.get("cachingOptions", {}).get("enableCache", False)
    if allowed and (known := self._cache.get(key)) is not None:
      self._results[name] = known
      return "unchanged, taken from the cache"
    try:
      report = self._machine.run(name, container, wanted)
      result = invocation.published(name, wanted["outputs"], report)
    except step.StepFailed as error:
      raise errors.RunFailed(str(error)) from None
    self._results[name] = result
    self._cache.put(key, result)
    return None

  def _inputs(self, name: str, task: dict[str, Any]) -> dict[str, Any]:
    """ExecutorInput.Inputs of a task."""
    return inputs(name, task, self._results, self._parameters)

  def _import(self, task: dict[str, Any], importer: dict[str, Any]) -> dict[str, Any]:
    address = importer["artifactUri"]
    if "runtimeParameter" in address:
      given = task["inputs"]["parameters"][address["runtimeParameter"]]
      uri = _parameter("importer", given, self._results, self._parameters)
    else:
      uri = address["constant"]
    if not self._store.path(uri).exists():
      raise errors.UserError(
        f"{uri}: nothing is there; for a rehearsal, put it at {self._store.path(uri)}"
      )
    (key,) = self._file.component(task)["outputDefinitions"]["artifacts"]
    return {
      "artifacts": {
        key: {
          "artifacts": [
            {
              "name": uri,
              "type": {"instanceSchema": ""},
              "uri": uri,
              "metadata": importer.get("metadata", {}),
            }
          ]
        }
      },
      "parameterValues": {},
    }

  def _outcome(self) -> Outcome:
    if "Report" not in self._results:
      raise errors.RunFailed("no Report was made: it, or what it needs, was left out")
    (artifact,) = self._results["Report"]["artifacts"]["report"]["artifacts"]
    source = self._store.path(artifact["uri"])
    report = self._folder / "report"
    shutil.rmtree(report, ignore_errors=True)
    shutil.copytree(source, report)
    evaluation = json.loads((report / "evaluation.json").read_text(encoding="utf-8"))
    return Outcome(evaluation, report)


def inputs(
  name: str,
  task: dict[str, Any],
  results: Mapping[str, dict[str, Any]],
  parameters: Mapping[str, Any],
) -> dict[str, Any]:
  """ExecutorInput.Inputs of a task.

  Args:
    name: of the task.
    task: PipelineTaskSpec.
    results: of tasks that are done, as `invocation.published` gives them.
    parameters: of the run.

  Raises:
    UserError: a parameter has no value.
  """
  wanted = task.get("inputs", {})
  found: dict[str, Any] = {}
  if wanted.get("artifacts"):
    found["artifacts"] = {}
    for key, given in wanted["artifacts"].items():
      producer = given["taskOutputArtifact"]
      made = results[producer["producerTask"]]["artifacts"]
      found["artifacts"][key] = made[producer["outputArtifactKey"]]
  if wanted.get("parameters"):
    found["parameterValues"] = {
      key: _parameter(f"{name}, parameter {key}", given, results, parameters)
      for key, given in wanted["parameters"].items()
    }
  return found


def _parameter(
  where: str,
  given: dict[str, Any],
  results: Mapping[str, dict[str, Any]],
  parameters: Mapping[str, Any],
) -> Any:
  if "componentInputParameter" in given:
    return parameters[given["componentInputParameter"]]
  if "taskOutputParameter" in given:
    producer = given["taskOutputParameter"]
    return results[producer["producerTask"]]["parameterValues"][producer["outputParameterKey"]]
  if "constant" in given.get("runtimeValue", {}):
    return given["runtimeValue"]["constant"]
  raise errors.UserError(f"{where}: has no value")


class _Cache:
  """Results of steps, by what they follow from.

  The key is made of what Kubeflow's is made of: names of input artifacts,
  parameters, kinds of outputs, image, command and volumes.
  """

  def __init__(self, folder: pathlib.Path):
    self._folder = folder
    folder.mkdir(parents=True, exist_ok=True)

  @staticmethod
  def key(
    given: dict[str, Any], wanted: dict[str, Any], container: dict[str, Any], pod: dict[str, Any]
  ) -> str:
    """SHA-256, hex."""
    content = {
      "artifacts": {
        key: [a["name"] for a in value["artifacts"]]
        for key, value in given.get("artifacts", {}).items()
      },
      "parameters": given.get("parameterValues", {}),
      "outputs": {
        key: [a["type"] for a in value["artifacts"]] for key, value in wanted["artifacts"].items()
      },
      "image": container["image"],
      "command": [*container["command"], *container.get("args", ())],
      "volumes": [mount["constant"] for mount in pod.get("pvcMount", ())],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

  def get(self, key: str) -> Any:
    """A result, or None."""
    try:
      return json.loads((self._folder / key).read_text(encoding="utf-8"))
    except FileNotFoundError:
      return None

  def put(self, key: str, result: Any) -> None:
    """Keeps a result, whole or not at all."""
    run_folder.write_text(self._folder / key, json.dumps(result))


def parameters_of(file: spec_file.SpecFile, values: Mapping[str, str]) -> dict[str, Any]:
  """Defaults, and what differs from them, as the types that are declared."""
  found = {}
  unknown = set(values) - set(file.parameters)
  if unknown:
    raise errors.UserError(
      f"no parameter {', '.join(sorted(unknown))}; this pipeline has: {', '.join(file.parameters)}"
    )
  for name, definition in file.parameters.items():
    value = values.get(name, definition.get("defaultValue"))
    if value is None:
      raise errors.UserError(f"the parameter {name} has no default: give it with -p {name}=VALUE")
    if definition["parameterType"] == "NUMBER_INTEGER":
      try:
        value = int(value)
      except ValueError:
        raise errors.UserError(f"the parameter {name} is a whole number, not {value!r}") from None
    found[name] = value
  return found


def _asks_for(task: dict[str, Any], file: spec_file.SpecFile) -> str:
  accelerator = file.executor(task).get("container", {}).get("resources", {}).get("accelerator")
  if not accelerator:
    return ""
  return f" (on a cluster: {accelerator['count']} x {accelerator['type']})"


@contextlib.contextmanager
def _claimed(folder: pathlib.Path) -> Iterator[None]:
  with open(folder / ".lock", "w", encoding="utf-8") as lock:
    try:
      fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      raise errors.UserError(
        f"{folder}: another rehearsal is at work here; choose another --folder"
      ) from None
    yield
