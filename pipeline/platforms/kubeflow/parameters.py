"""Runtime parameters: settings that a run is given when it is submitted.

TFX stores a component's settings as JSON when the pipeline is compiled. Kubeflow's
launcher replaces `{{$.inputs.parameters['name']}}` in what a container is given,
wherever it stands, so a value that stands for a parameter is written that way
into the compiled JSON, schemas and configurations, and the parameter becomes an
input of every task that has it.
"""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from components.shared.core import settings as settings_lib
from pipeline import config as config_lib
from pipeline import places

_SEEDS = ("generator", "direction", "synthetic", "classifier", "splits")


@dataclasses.dataclass(frozen=True)
class Parameter:
  """One runtime parameter.

  Attributes:
    name: as it is given when a run is submitted.
    default: the value in the config.
    paths: settings (`branch.field`) that take it; none for an attribute,
      which is found by its token.
    token: what stands for it in all texts.
  """

  name: str
  default: Any
  paths: tuple[str, ...] = ()
  token: str | None = None

  @property
  def kind(self) -> str:
    """Type in the pipeline's specification."""
    return "NUMBER_INTEGER" if isinstance(self.default, int) else "STRING"

  @property
  def placeholder(self) -> str:
    """What Kubeflow's launcher replaces by the value."""
    return f"{{{{$.inputs.parameters['{self.name}']}}}}"


def of(config: config_lib.Config) -> list[Parameter]:
  """The parameters that a compiled config has."""
  found = [
    Parameter(name, attribute, token=f"RuntimeAttribute{i}")
    for i, (name, attribute) in enumerate(_attributes(config))
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
    config, {"source.attributes": [parameter.token for parameter in parameters if parameter.token]}
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
        value, names = _replace(value, texts, parameters)
        given["runtimeValue"]["constant"] = value
        used.update(names)
    component = spec["components"][task["componentRef"]["name"]]
    for parameter in parameters:
      if parameter.name in used:
        inputs[parameter.name] = {"componentInputParameter": parameter.name}
        component["inputDefinitions"]["parameters"][parameter.name] = {
          "parameterType": parameter.kind
        }
  spec["root"].setdefault("inputDefinitions", {})["parameters"] = {
    parameter.name: {"parameterType": parameter.kind, "defaultValue": parameter.default}
    for parameter in parameters
  }


def _attributes(config: config_lib.Config) -> Iterable[tuple[str, str]]:
  for i, attribute in enumerate(config.source.attributes):
    yield ("attribute" if i == 0 else f"attribute_{i + 1}"), attribute


def _texts(
  config: config_lib.Config, parameters: Iterable[Parameter]
) -> dict[str, tuple[str, list[str]]]:
  """For the JSON of each branch that has a parameter, and for the whole config
  as the report shows it: the same with placeholders, and the parameters' names.
  """
  branches: dict[str, list[tuple[str, Parameter]]] = {}
  for parameter in parameters:
    for path in parameter.paths:
      branch, field = path.split(".")
      branches.setdefault(branch, []).append((field, parameter))
  texts = {}
  for branch, settings in _given(config):
    before = after = settings_lib.to_json(settings)
    names = []
    for field, parameter in branches.get(branch, ()):
      key = json.dumps(field) + ":"
      placeholder = (
        parameter.placeholder if parameter.kind != "STRING" else f'"{parameter.placeholder}"'
      )
      if key + json.dumps(parameter.default) in after:
        after = after.replace(key + json.dumps(parameter.default), key + placeholder)
        names.append(parameter.name)
    texts[before] = after, names
  shown = config_lib.recipe(
    config,
    {path: f"Runtime-{parameter.name}-" for parameter in parameters for path in parameter.paths},
  )
  for parameter in parameters:  # YAML would double its quotation marks.
    shown = shown.replace(f"Runtime-{parameter.name}-", parameter.placeholder)
  texts[config_lib.recipe(config)] = (
    shown,
    [parameter.name for parameter in parameters if parameter.paths],
  )
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


def _replace(
  value: str, texts: dict[str, tuple[str, list[str]]], parameters: Iterable[Parameter]
) -> tuple[str, list[str]]:
  """A constant with placeholders, and the names of the parameters in it."""
  names = []
  for before, (after, found) in texts.items():
    for old, new in ((before, after), (json.dumps(before)[1:-1], json.dumps(after)[1:-1])):
      if old in value:
        value = value.replace(old, new)
        names += found
  for parameter in parameters:
    if parameter.token and parameter.token in value:
      value = value.replace(parameter.token, parameter.placeholder)
      names.append(parameter.name)
  return value, names
