"""The pipeline as a file for Kubeflow Pipelines."""

import dataclasses
import os
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import yaml
from kfp import components as kfp_components
from tfx import v1 as tfx
from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner, pipeline_builder

from components.shared.assets import cache
from components.shared.core import errors
from pipeline import config as config_lib
from pipeline import dag
from pipeline import places as places_lib
from pipeline.cluster_settings import KubeflowSettings
from pipeline.platforms.kubeflow import known_inputs, platform, run_executor, spec_file
from pipeline.platforms.kubeflow import parameters as parameters_lib

_GO_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")


@dataclasses.dataclass(frozen=True)
class Compiled:
  """A pipeline's specification.

  Attributes:
    spec: PipelineSpec, as JSON has it.
    pods: the Kubernetes part.
    parameters: what can be given to each run.
    accelerated: steps with accelerators, and what they ask for.
    service_account: that runs are to be submitted with; the file itself has no
      place for it.
    root: of artifacts, that runs are to be submitted with: Kubeflow's client
      doesn't look for it in the file.
  """

  spec: dict[str, Any]
  pods: dict[str, Any]
  parameters: list[parameters_lib.Parameter]
  accelerated: dict[str, str]
  service_account: str | None
  root: str | None

  def lines(self, path: pathlib.Path) -> Iterator[str]:
    """What is said about the file."""
    steps = len(self.spec["root"]["dag"]["tasks"])
    # Each has a driver's pod and one of its own, and the run has a driver's.
    yield f"{path}: {steps} steps, accepted by kfp; {2 * steps + 1} pods a run"
    yield "It needs Kubeflow Pipelines 2.14 or later"
    for name, asked in self.accelerated.items():
      yield f"  {name}: {asked}"
    yield "Parameters of a run: " + ", ".join(f"{p.name}={p.default}" for p in self.parameters)
    for parameter in self.parameters:
      if (
        parameter.name in ("photos", "labels")
        and "/" not in str(parameter.default)
        and parameter.default != "sample"
      ):
        yield (f"Give each run its {parameter.name}: a cluster has no {parameter.default}")
    yield f"Try it here: python -m pipeline rehearse {path}"
    more = "".join(
      f", {name}={value!r}"
      for name, value in (("pipeline_root", self.root), ("service_account", self.service_account))
      if value
    )
    yield (
      "Submit it: kfp.Client(host=...).create_run_from_pipeline_package("
      f"{str(path)!r}, arguments={{...}}{more})"
    )

  def text(self) -> str:
    """Both parts as YAML documents."""
    return yaml.dump_all(
      [self.spec, self.pods], Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=2**16
    )


class _Dumper(yaml.SafeDumper):
  """Quotes what Go's YAML takes for a number and PyYAML doesn't: 12e45."""


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _GO_NUMBER, list("-+.0123456789"))


def compile_pipeline(config: config_lib.Config) -> Compiled:
  """Compiles a config.

  Raises:
    UserError: something that a cluster needs is not set or can't be.
  """
  settings = config.kubeflow
  parameters = parameters_lib.of(config)
  inputs = dag.Inputs(*known_inputs.check(config))
  config = parameters_lib.with_tokens(_for_cluster(config), parameters)
  pipeline = dag.create_pipeline(config, _places(config), inputs)
  steps = {node.id: node for node in pipeline.components}
  _check_steps(settings, steps)
  for name, node in steps.items():
    if isinstance(node, tfx.dsl.Importer):
      continue
    node.with_platform_config(platform.resource_spec(settings.resources(name)))
  runner = kubeflow_v2_dag_runner.KubeflowV2DagRunner(
    kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(
      default_image=_images(settings, steps),
      default_commands=list(run_executor.COMMAND),
      use_pipeline_spec_2_1=True,
    )
  )
  job = runner.run(pipeline, write_out=False)
  spec = job["pipelineSpec"]
  if settings.volume:
    _keep_weights_on_volume(settings, spec)
  # A page that starts runs would put it in the place of the namespace's own.
  spec.pop("defaultPipelineRoot", None)
  if settings.root:
    spec["defaultPipelineRoot"] = settings.root
  parameters_lib.put_into(spec, config, parameters)
  # What it finds is not among its inputs.
  spec["root"]["dag"]["tasks"][dag.LATEST_BLESSED]["cachingOptions"] = {}
  return Compiled(
    spec,
    _pods(settings, spec),
    parameters,
    {
      name: f"{settings.resources(name).accelerators} x {settings.resources(name).accelerator}"
      for name in steps
      if settings.resources(name).accelerators
    },
    settings.service_account,
    settings.root,
  )


def write(compiled: Compiled, path: pathlib.Path) -> None:
  """Writes the file, whole or not at all, once kfp has accepted it.

  Raises:
    UserError: it names something of this machine, or can't be written.
  """
  file = spec_file.SpecFile(
    compiled.spec, compiled.pods["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
  )
  for problem in spec_file.problems(file):
    raise errors.UserError(problem)
  text = compiled.text()
  kfp_components.load_component_from_text(text)
  fresh = path.with_name(f".{path.name}.new")
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)
  except OSError as error:
    raise errors.UserError(f"{path}: can't be written ({error.strerror})") from None


def _check_steps(settings: KubeflowSettings, steps: dict[str, Any]) -> None:
  for field in ("gpu_steps", "steps"):
    unknown = set(getattr(settings, field)) - set(steps)
    if unknown - set(_possible_steps()):
      raise errors.UserError(
        f"kubeflow.{field}: no step {', '.join(sorted(unknown))}; there "
        f"are: {', '.join(sorted(steps))}"
      )


def _possible_steps() -> list[str]:
  return [name for name, _ in dag.GENERATORS]


def _for_cluster(config: config_lib.Config) -> config_lib.Config:
  """With what a single machine would find out and a cluster can't.

  Kubeflow's names are lower case. The engine is chosen in one pod, and the
  network runs in others.
  """
  values: dict[str, Any] = {
    "runtime.output": "output",
    "runtime.metadata": None,
    "runtime.devices": "auto",
    "runtime.orchestrator": "local",
    "name": re.sub(r"[^a-z0-9]+", "-", config.name.lower()).strip("-"),
  }
  embedders = ("RealFaceEmbedder", "SyntheticFaceEmbedder")
  if config.engine.kind == "auto" and any(
    config.kubeflow.resources(step).accelerators for step in embedders
  ):
    values["engine.kind"] = "tensorflow"
  return config_lib.with_values(config, values)


def _places(config: config_lib.Config) -> places_lib.Places:
  """Pushed models and checkpoints outlive a run where there is a volume.

  Raises:
    UserError: there is no place to push to.
  """
  settings = config.kubeflow
  volume = f"{settings.mount_path}/{config.name}"
  pushed = settings.pushed
  if pushed is None and settings.volume:
    pushed = f"{volume}/model"
  if pushed is None and settings.likely_root.startswith("gs://"):
    pushed = f"{settings.root}/{config.name}/model"
  if pushed is None:
    raise errors.UserError(
      "no place to push models to: name a persistent volume claim with "
      "--set kubeflow.volume=CLAIM (every step mounts it), or a gs:// folder "
      "with --set kubeflow.pushed=gs://..."
    )
  return places_lib.Places(
    pipeline_name=config.name,
    root=settings.likely_root,
    pushed=pushed,
    checkpoints=f"{volume}/checkpoints" if settings.volume else None,
  )


def _images(settings: KubeflowSettings, steps: dict[str, Any]) -> dict[str, str]:
  images = {pipeline_builder.DEFAULT_IMAGE_PATH_KEY: settings.image}
  if settings.gpu_image:
    images.update(
      {name: settings.gpu_image for name in steps if settings.resources(name).accelerators}
    )
  return images


def _keep_weights_on_volume(settings: KubeflowSettings, spec: dict[str, Any]) -> None:
  for executor in spec["deploymentSpec"]["executors"].values():
    if "container" in executor:
      executor["container"]["env"] = [
        {"name": cache.VARIABLE, "value": f"{settings.mount_path}/{platform.CACHE_FOLDER}"}
      ]


def _pods(settings: KubeflowSettings, spec: dict[str, Any]) -> dict[str, Any]:
  executors = {}
  for name, component in spec["components"].items():
    label = component["executorLabel"]
    if "container" not in spec["deploymentSpec"]["executors"][label]:
      continue
    config = platform.pod(settings, name)
    if config:
      executors[label] = config
  return {"platforms": {"kubernetes": {"deploymentSpec": {"executors": executors}}}}
