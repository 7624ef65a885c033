"""Reads a compiled pipeline, and looks for what could not work elsewhere."""

import dataclasses
import graphlib
import json
import pathlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from google.protobuf import json_format
from kfp import components as kfp_components
from kfp import kubernetes
from kfp.pipeline_spec import pipeline_spec_pb2

from components.shared.core import errors

MAX_ARGUMENT = 128 * 1024
"""Bytes of one argument of a command, the terminating zero included: Linux'
MAX_ARG_STRLEN."""

# Where launchers put artifacts, and what every container has.
_EVERYWHERE = ("/tmp/", "/dev/", "/gcs/", "/s3/", "/minio/")  # noqa: S108  Not written to: paths are compared.
_ABSOLUTE_PATH = re.compile(r'(?<![^\s"\'=])(/[^\s"\'\\]+)')
_ADDRESS_IN_MEMORY = re.compile(r"<[^<>]* at 0x[0-9a-f]+>")
_FOR_KUBERNETES = re.compile(r"\$\$|\$\(")
_FOR_ARGO = re.compile(r"\{\{(?!\$\}\})")
_TASK_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_PIPELINE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SCHEMA_VERSION = "2.1.0"
_KINDS: dict[str, tuple[type, ...]] = {
  "STRING": (str, int, float, bool),  # Kubeflow makes a text of it.
  "NUMBER_INTEGER": (int,),
  "NUMBER_DOUBLE": (int, float),
  "BOOLEAN": (bool,),
  "LIST": (list,),
  "STRUCT": (dict,),
}
_Pod = kubernetes.kubernetes_executor_config_pb2.KubernetesExecutorConfig


@dataclasses.dataclass(frozen=True)
class SpecFile:
  """A compiled pipeline.

  Attributes:
    spec: PipelineSpec, as JSON has it.
    pods: the Kubernetes configuration of each executor, by its label.
  """

  spec: dict[str, Any]
  pods: dict[str, Any]

  @property
  def name(self) -> str:
    """The pipeline's."""
    return self.spec["pipelineInfo"]["name"]

  @property
  def root(self) -> str:
    """Where it keeps artifacts unless a run says otherwise."""
    return self.spec.get("defaultPipelineRoot", "minio://mlpipeline/v2/artifacts")

  @property
  def parameters(self) -> dict[str, Any]:
    """Definitions of the runtime parameters."""
    return self.spec["root"].get("inputDefinitions", {}).get("parameters", {})

  @property
  def tasks(self) -> dict[str, dict[str, Any]]:
    """Of the DAG, each after those that it depends on."""
    tasks = self.spec["root"]["dag"]["tasks"]
    order = graphlib.TopologicalSorter(
      {name: sorted(upstream(task)) for name, task in sorted(tasks.items())}
    )
    return {name: tasks[name] for name in order.static_order()}

  def component(self, task: dict[str, Any]) -> dict[str, Any]:
    """What a task is an instance of."""
    return self.spec["components"][task["componentRef"]["name"]]

  def executor(self, task: dict[str, Any]) -> dict[str, Any]:
    """What carries it out."""
    label = self.component(task)["executorLabel"]
    return self.spec["deploymentSpec"]["executors"][label]

  def pod(self, task: dict[str, Any]) -> dict[str, Any]:
    """The Kubernetes configuration of a task."""
    return self.pods.get(self.component(task)["executorLabel"], {})

  def mounts(self) -> dict[str, str]:
    """Claims of volumes, by the folder where they are mounted."""
    return {
      mount["mountPath"]: mount["constant"]
      for pod in self.pods.values()
      for mount in pod.get("pvcMount", ())
    }


def load(path: pathlib.Path) -> SpecFile:
  """Reads and validates a file that `compile` wrote.

  Raises:
    UserError: it is none, or kfp does not accept it.
  """
  try:
    text = path.read_text(encoding="utf-8")
    documents = [d for d in yaml.safe_load_all(text) if d is not None]
    json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())
    kfp_components.load_component_from_text(text)
    executors = {}
    for platforms in documents[1:]:
      executors.update(platforms["platforms"]["kubernetes"]["deploymentSpec"].get("executors", {}))
    for pod in executors.values():
      json_format.ParseDict(pod, _Pod())
    found = SpecFile(documents[0], executors)
    for task in found.tasks.values():
      found.executor(task)
    return found
  except OSError as error:
    raise errors.UserError(
      f"{path}: can't be read ({error.strerror}); `python -m pipeline compile` writes such a file"
    ) from None
  except (
    yaml.YAMLError,
    json_format.ParseError,
    UnicodeDecodeError,
    graphlib.CycleError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
  ) as error:
    reason = re.sub(r"\s+", " ", str(error))[:200]
    raise errors.UserError(
      f"{path}: no compiled pipeline: {type(error).__name__}: {reason}"
    ) from None


def problems(file: SpecFile) -> Iterator[str]:
  """What Kubeflow, 2.14 or later, or another machine would refuse; a line each."""
  yield from _problems_of_pipeline(file)
  mounts = tuple(f"{folder}/" for folder in file.mounts())
  containers: dict[str, dict[str, Any]] = {}
  for name, task in file.tasks.items():
    if not _TASK_NAME.fullmatch(name):
      yield f"{name}: Argo takes letters, digits and - in a task's name"
    if not task.get("taskInfo", {}).get("name"):
      yield f"{name}: has no taskInfo, without which Kubeflow starts no task"
    yield from (f"{name}, {problem}" for problem in _problems_of_inputs(file, task, mounts))
    yield from (f"{name}: {problem}" for problem in _problems_of_executor(file.executor(task)))
    for part in (task, file.component(task), file.executor(task)):
      yield from (f"{name}: {problem}" for problem in _problem_of_size(part))
    container = json.dumps(file.executor(task).get("container"), sort_keys=True)
    definitions = {
      key: value for key, value in file.component(task).items() if key != "executorLabel"
    }
    if container != "null" and containers.setdefault(container, definitions) != definitions:
      yield (
        f"{name}: another component has an equal container and other definitions; Kubeflow "
        "would take one for the other"
      )


def _problems_of_pipeline(file: SpecFile) -> Iterator[str]:
  if not _PIPELINE_NAME.fullmatch(file.name):
    yield f"{file.name}: a pipeline's name has small letters, digits and -, and 63 at most"
  if file.spec.get("schemaVersion") != _SCHEMA_VERSION:
    yield f"schemaVersion {file.spec.get('schemaVersion')}: Kubeflow takes {_SCHEMA_VERSION} only"
  yield from (f"{file.name}: {problem}" for problem in _problem_of_size(file.spec["root"]))
  mounts = tuple(f"{folder}/" for folder in file.mounts())
  for name, definition in file.parameters.items():
    where = f"the run's parameter {name}"
    value = definition.get("defaultValue")
    if problem := _problem_of_type(definition, value):
      yield f"{where}: {problem}"
    yield from (f"{where}: {problem}" for problem in _problems_of_text(str(value), mounts))


def _problem_of_size(part: dict[str, Any]) -> Iterator[str]:
  """Kubeflow's driver is given each part as an argument."""
  size = len(json.dumps(part, separators=(",", ":")).encode())
  if size >= MAX_ARGUMENT:
    yield f"{size:,} bytes for an argument of Kubeflow's driver; Linux allows {MAX_ARGUMENT - 1:,}"


def _problem_of_type(definition: dict[str, Any], value: Any) -> str | None:
  kind = definition.get("parameterType")
  if kind not in _KINDS:
    return f"has no parameterType that Kubeflow knows ({kind})"
  if kind == "NUMBER_INTEGER" and isinstance(value, float) and value.is_integer():
    return None  # JSON knows one kind of number.
  no_number = isinstance(value, bool) and kind.startswith("NUMBER")
  if value is not None and (no_number or not isinstance(value, _KINDS[kind])):
    return f"{value!r} is no {kind}"
  return None


def _problems_of_inputs(
  file: SpecFile, task: dict[str, Any], mounts: Iterable[str]
) -> Iterator[str]:
  given = task.get("inputs", {}).get("parameters", {})
  declared = file.component(task).get("inputDefinitions", {}).get("parameters", {})
  for name, definition in declared.items():
    if name not in given and not definition.get("isOptional") and "defaultValue" not in definition:
      yield f"parameter {name}: is declared, and the task gives none"
  for name, source in given.items():
    where = f"parameter {name}"
    value = source.get("runtimeValue", {}).get("constant")
    if "componentInputParameter" in source:
      of_run = file.parameters.get(source["componentInputParameter"])
      if of_run is None:
        yield f"{where}: the pipeline has no parameter {source['componentInputParameter']}"
        continue
      value = of_run.get("defaultValue")
    if problem := _problem_of_type(declared.get(name, {}), value):
      yield f"{where}: {problem}"
    if isinstance(value, str):
      yield from (f"{where}: {problem}" for problem in _problems_of_text(value, mounts))
  keys: dict[str, str] = {}
  for key, source in task.get("inputs", {}).get("artifacts", {}).items():
    other = keys.setdefault(json.dumps(source, sort_keys=True), key)
    if other != key:
      yield (
        f"inputs {other} and {key}: are one artifact, which ML Metadata refuses under two keys "
        "of a task; let the component take it once"
      )


def _problems_of_executor(executor: dict[str, Any]) -> Iterator[str]:
  container = executor.get("container")
  if container is None and "importer" not in executor:
    yield (
      f"neither a container nor an importer, and Kubeflow carries out nothing else "
      f"({', '.join(executor)})"
    )
  if container is not None:
    if not container.get("image"):
      yield "no container image"
    for text in (*container.get("command", ()), *container.get("args", ())):
      yield from _changed_on_the_way(text)
    accelerator = container.get("resources", {}).get("accelerator")
    if accelerator and not str(accelerator.get("count")).isdecimal():
      yield f"{accelerator.get('count')!r} is no number of accelerators"
  address = executor.get("importer", {}).get("artifactUri", {})
  if "constant" in address and "://" not in address["constant"]:
    yield f"imports {address['constant']}, which is no address in an object store"


def _changed_on_the_way(text: str) -> Iterator[str]:
  """Kubernetes expands variables in arguments, and Argo its own tags."""
  for pattern in (_FOR_KUBERNETES, _FOR_ARGO):
    if found := pattern.search(text):
      yield f"{text[found.start() : found.start() + 20]!r} would be changed on the way"


def _problems_of_text(text: str, mounts: Iterable[str]) -> Iterator[str]:
  if _ADDRESS_IN_MEMORY.search(text):
    yield "an object that was not serialised"
  yield from _changed_on_the_way(text)
  allowed = (*_EVERYWHERE, *mounts)
  for path in _paths(text):
    if not f"{path}/".startswith(allowed):
      yield (f"{path} is a path of one machine; the cluster sees mounted volumes and object stores")


def _paths(text: str) -> list[str]:
  """Absolute paths among the values of a text, which may be JSON."""
  try:
    value = json.loads(text)
  except ValueError:
    value = text
  return [match for leaf in _leaves(value) for match in _ABSOLUTE_PATH.findall(leaf)]


def _leaves(value: Any) -> Iterator[str]:
  if isinstance(value, dict):
    value = list(value.values())
  if isinstance(value, list):
    for item in value:
      yield from _leaves(item)
  elif isinstance(value, str):
    yield value


def upstream(task: dict[str, Any]) -> Iterable[str]:
  """Tasks that a task needs."""
  yield from task.get("dependentTasks", ())
  for kind in ("parameters", "artifacts"):
    for given in task.get("inputs", {}).get(kind, {}).values():
      for key in ("taskOutputArtifact", "taskOutputParameter"):
        if key in given:
          yield given[key]["producerTask"]
