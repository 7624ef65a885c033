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
from kfp.pipeline_spec import pipeline_spec_pb2

from components.shared.core import errors

MAX_ARGUMENT = 128 * 1024
"""Bytes of one argument of a command, the terminating zero included: Linux'
MAX_ARG_STRLEN."""

# Where launchers put artifacts, and what every container has.
_EVERYWHERE = ("/tmp/", "/dev/", "/gcs/", "/s3/", "/minio/")  # noqa: S108  Not written to: paths are compared.
_ABSOLUTE_PATH = re.compile(r'(?<![^\s"\'=])(/[^\s"\'\\]+)')
_ADDRESS_IN_MEMORY = re.compile(r"<[^<>]* at 0x[0-9a-f]+>")


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
    return self.spec.get("defaultPipelineRoot", "minio://mlpipeline/v2")

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
  """What would not work on another machine, one line each."""
  mounts = tuple(f"{folder}/" for folder in file.mounts())
  for name, definition in file.parameters.items():
    yield from (
      f"the run's parameter {name}: {problem}"
      for problem in _problems_of_text(str(definition.get("defaultValue")), mounts)
    )
  for name, task in file.tasks.items():
    inputs = task.get("inputs", {}).get("parameters", {})
    for parameter, given in inputs.items():
      where = f"{name}, parameter {parameter}"
      if "componentInputParameter" in given:
        if given["componentInputParameter"] not in file.parameters:
          yield (f"{where}: the pipeline has no parameter {given['componentInputParameter']}")
      value = given.get("runtimeValue", {}).get("constant")
      if isinstance(value, str):
        yield from (f"{where}: {problem}" for problem in _problems_of_text(value, mounts))
    executor = file.executor(task)
    container = executor.get("container")
    if container is not None and not container.get("image"):
      yield f"{name}: no container image"
    if container is None and "importer" not in executor:
      yield (
        f"{name}: neither a container nor an importer, and Kubeflow "
        f"carries out nothing else ({', '.join(executor)})"
      )
    address = executor.get("importer", {}).get("artifactUri", {})
    if "constant" in address and "://" not in address["constant"]:
      yield (f"{name}: imports {address['constant']}, which is no address in an object store")


def _problems_of_text(text: str, mounts: Iterable[str]) -> Iterator[str]:
  if _ADDRESS_IN_MEMORY.search(text):
    yield "an object that was not serialised"
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
