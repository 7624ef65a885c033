"""Runtime parameters: settings that a run is given when it is submitted.

TFX stores a component's settings as JSON when the pipeline is compiled. A token
(see `tokens`) is written into the compiled JSON, schemas and configurations in
the place of each value that stands for a parameter, and the parameter becomes
an input of every task that has its token, where `run_executor` fills it in.
"""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from components.shared.core import settings as settings_lib
from pipeline import config as config_lib
from pipeline import places
from pipeline.platforms.kubeflow import tokens
from pipeline.platforms.kubeflow.run_executor import INPUTS_SPEC

_SEEDS = ("generator", "direction", "synthetic", "classifier", "splits")


@dataclasses.dataclass(frozen=True)
class Parameter:
  """One runtime parameter.

  Attributes:
    name: as it is given when a run is submitted.
    default: the value in the config.
    paths: settings (`branch.field`) that take it; none for an attribute,
      whose token is compiled in its place.
  """

  name: str
  default: Any
  paths: tuple[str, ...] = ()

  @property
  def kind(self) -> str:
    """Type in the pipeline's specification."""
    return "NUMBER_INTEGER" if isinstance(self.default, int) else "STRING"

  @property
  def token(self) -> str:
    """What stands for its value as a text."""
    return tokens.of(self.name)

  @property
  def json_token(self) -> str:
    """What stands for its value in JSON."""
    return self.token if self.kind == "NUMBER_INTEGER" else json.dumps(self.token)


def of(config: config_lib.Config) -> list[Parameter]:
  """The parameters that a compiled config has."""
  found = [
    Parameter("attribute" if i == 0 else f"attribute_{i + 1}", attribute)
    for i, attribute in enumerate(config.source.attributes)
  ]
  found.append(
    Parameter("synthetic_faces", config.synthetic.train_faces, ("synthetic.train_faces",))
  )
  if config.splits.max_labeled is not None:
    found.append(Parameter("max_labeled", config.splits.max_labeled, ("splits.max_labeled",)))
  for name, path in (("photos", "path"), ("labels", "labels")):
    value = getattr(config.source, path)
    if value is not None and not places.is_address(value):
      found.append(Parameter(name, value, (f"source.{path}",)))
  seeds = {getattr(config, branch).seed for branch in _SEEDS}
  if len(seeds) == 1:
    found.append(Parameter("seed", seeds.pop(), tuple(f"{branch}.seed" for branch in _SEEDS)))
  return found


def with_tokens(config: config_lib.Config, parameters: Iterable[Parameter]) -> config_lib.Config:
  """The config with a token in the place of each attribute."""
  return config_lib.with_values(
    config,
    {"source.attributes": [parameter.token for parameter in parameters if not parameter.paths]},
  )


def put_into(
  spec: dict[str, Any], config: config_lib.Config, parameters: Iterable[Parameter]
) -> None:
  """Makes a compiled specification take the parameters.

  Args:
    spec: PipelineSpec as JSON has it; changed in place.
    config: that it was compiled from, with tokens.
    parameters: of that config.
  """
  parameters = list(parameters)
  texts = _texts(config, parameters)
  for task in spec["root"]["dag"]["tasks"].values():
    inputs = task.get("inputs", {}).get("parameters", {})
    used = set()
    for given in inputs.values():
      value = given.get("runtimeValue", {}).get("constant")
      if isinstance(value, str):
        given["runtimeValue"]["constant"] = value = _replace(value, texts)
        used.update(tokens.names(value))
    component = spec["components"][task["componentRef"]["name"]]
    for parameter in parameters:
      if parameter.name in used:
        inputs[parameter.name] = {"componentInputParameter": parameter.name}
        component["inputDefinitions"]["parameters"][parameter.name] = {
          "parameterType": parameter.kind
        }
    # What is declared to TFX. Kubeflow takes components with equal containers
    # for the same one.
    arguments = spec["deploymentSpec"]["executors"][component["executorLabel"]]
    arguments = arguments.get("container", {}).get("args", [])
    if INPUTS_SPEC in arguments:
      arguments[arguments.index(INPUTS_SPEC) + 1] = json.dumps(
        component.get("inputDefinitions", {}), sort_keys=True
      )
  spec["root"].setdefault("inputDefinitions", {})["parameters"] = {
    parameter.name: {"parameterType": parameter.kind, "defaultValue": parameter.default}
    for parameter in parameters
  }


def _texts(config: config_lib.Config, parameters: Iterable[Parameter]) -> dict[str, str]:
  """For the JSON of each branch that has a parameter, and for the whole config
  as the report shows it: the same with tokens."""
  branches: dict[str, list[tuple[str, Parameter]]] = {}
  for parameter in parameters:
    for path in parameter.paths:
      branch, field = path.split(".")
      branches.setdefault(branch, []).append((field, parameter))
  texts = {}
  for branch, settings in _given(config):
    before = after = settings_lib.to_json(settings)
    for field, parameter in branches.get(branch, ()):
      key = json.dumps(field) + ":"
      after = after.replace(key + json.dumps(parameter.default), key + parameter.json_token)
    texts[before] = after
  shown = config_lib.recipe(
    config, {path: parameter.token for parameter in parameters for path in parameter.paths}
  )
  for parameter in parameters:  # YAML needs no escapes in its single quotation marks.
    shown = shown.replace(f"'{parameter.token}'", parameter.json_token)
  texts[config_lib.recipe(config)] = shown
  return texts


def _given(config: config_lib.Config) -> Iterable[tuple[str, Any]]:
  """Settings as components are given them, and the branch that they are of."""
  for field in dataclasses.fields(config):
    settings = getattr(config, field.name)
    if dataclasses.is_dataclass(settings):
      yield field.name, settings
  yield "source", config.source.photos
  yield "splits", config.splits.reservation
  yield "direction", config.drawn


def _replace(value: str, texts: dict[str, str]) -> str:
  """A constant with tokens in it."""
  for before, after in texts.items():
    for old, new in ((before, after), (json.dumps(before)[1:-1], json.dumps(after)[1:-1])):
      value = value.replace(old, new)
  return value
