"""The whole configuration, one tree; each branch belongs to what it builds."""

import copy
import dataclasses
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pydantic
import yaml

from components.label_filter.settings import FilterSettings
from components.latent_codes.settings import SampleSettings
from components.serving_gate.settings import ServingSettings
from components.shared.core import errors
from components.shared.core import settings as settings_lib
from components.shared.data.settings import SourceSettings, SplitSettings
from components.shared.learning.direction_settings import DirectionSettings
from components.shared.learning.settings import ClassifierSettings, EvaluationSettings
from components.shared.networks.engine_settings import EngineSettings
from components.shared.networks.settings import EmbedderSettings
from components.synthetic_face_gen.settings import SyntheticSettings
from components.vae_gan_trainer.settings import VaeGanSettings
from pipeline import metadata_url, secret_settings, yaml_text
from pipeline.cluster_settings import KubeflowSettings

_MOST_BYTES = 1 << 18
_NO_PART = ("runtime", "kubeflow")
"""Branches that say where and how, and not what."""


@settings_lib.settings
class RuntimeSettings:
  """Where and on what the pipeline runs; never part of a cache key."""

  orchestrator: str = pydantic.Field(
    "local",
    pattern="^(local|beam)$",
    description="local: one component after the other; beam: the DAG itself as a Beam pipeline",
  )
  devices: int | str = pydantic.Field(
    "auto", description="auto: all GPUs there are, else the CPU; cpu; or how many GPUs"
  )
  output: str = pydantic.Field("output", min_length=1, description="folder that holds the runs")
  # TFX packs its own sources for remote workers, 2 seconds a component, unless
  # an image is said to hold them.
  beam: tuple[str, ...] = pydantic.Field(
    ("--runner=FnApiRunner", "--direct_running_mode=in_memory", "--sdk_container_image=none"),
    description="Beam options of the components; --beam adds to them",
  )
  beam_of: dict[str, tuple[str, ...]] = pydantic.Field(
    {}, description="further Beam options of single components, by the component's name"
  )
  cache: bool = pydantic.Field(
    True, description="reuse results whose inputs, settings and code are unchanged"
  )
  metadata: str | None = pydantic.Field(
    None,
    description="MySQL database that keeps ML Metadata, "
    "mysql://user@host:3306/database; none for a file in the run's folder. "
    f"The password is in {metadata_url.PASSWORD_VARIABLE}",
  )

  @pydantic.field_validator("metadata")
  @classmethod
  def _check_metadata(cls, url: str | None) -> str | None:
    return url and str(metadata_url.parse(url))

  @pydantic.field_validator("beam_of", mode="before")
  @classmethod
  def _take_one_flag_for_a_list(cls, value):
    if not isinstance(value, dict):
      return value
    return {name: (flags,) if isinstance(flags, str) else flags for name, flags in value.items()}

  @pydantic.field_validator("beam", "beam_of", mode="after")
  @classmethod
  def _check_flags(cls, value):
    groups = value.values() if isinstance(value, dict) else [value]
    for flag in (flag for group in groups for flag in group):
      if not re.match("--[A-Za-z]", flag):
        raise ValueError(f"{flag}: a Beam option is written --name=value")
    return value

  @pydantic.field_validator("devices", mode="before")
  @classmethod
  def _check_devices(cls, value: Any) -> int | str:
    if value in ("auto", "cpu"):
      return value
    if str(value).isdecimal() and int(value) > 0:
      return int(value)
    raise ValueError("is auto, cpu, or a number of GPUs from 1")


@settings_lib.settings
class Config:
  """One run of the pipeline."""

  name: str = pydantic.Field(
    "sample",
    pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
    description="the run's folder below `runtime.output`",
  )
  source: SourceSettings = SourceSettings()
  splits: SplitSettings = SplitSettings()
  generator: VaeGanSettings = VaeGanSettings()
  imported_generator: str | None = pydantic.Field(
    None,
    description="a generator from elsewhere instead of training one: "
    "dcgan-digiface, or a folder with a SavedModel that has the signature "
    "`decode` and perhaps `encode`",
  )
  direction: DirectionSettings = DirectionSettings()
  synthetic: SyntheticSettings = SyntheticSettings()
  label_filter: FilterSettings = FilterSettings()
  embedder: EmbedderSettings = EmbedderSettings()
  engine: EngineSettings = EngineSettings()
  classifier: ClassifierSettings = ClassifierSettings()
  evaluation: EvaluationSettings = EvaluationSettings()
  serving: ServingSettings = ServingSettings()
  runtime: RuntimeSettings = RuntimeSettings()
  kubeflow: KubeflowSettings = KubeflowSettings()

  @pydantic.model_validator(mode="after")
  def _check_generator(self):
    if self.imported_generator is not None and self.generator.start is not None:
      raise ValueError(
        "imported_generator (--generator) leaves nothing to train, so "
        "generator.start (--start) has no use: leave one of them out"
      )
    return self

  @pydantic.model_validator(mode="after")
  def _check_secrets(self):
    secret_settings.check(settings_lib.to_dict(self))
    return self

  @property
  def folder(self) -> pathlib.Path:
    """Where this run writes."""
    return pathlib.Path(self.runtime.output) / self.name

  @property
  def drawn(self) -> SampleSettings:
    """The part of `direction` that is not about labels."""
    return SampleSettings(samples=self.direction.samples, seed=self.direction.seed)


def build(
  base: Config, file: pathlib.Path | None = None, assignments: Iterable[str] = ()
) -> Config:
  """An experiment, changed by a config file, changed by single settings.

  Args:
    base: the experiment.
    file: YAML with the shape of the tree; what it leaves out stays.
    assignments: `path.to.setting=value`; the value is read as YAML.

  Raises:
    UserError: a file that can't be read, an unknown setting, a wrong value.
  """
  tree = settings_lib.to_dict(base)
  if file is not None:
    _merge(tree, _read_yaml(file), str(file))
  read = copy.deepcopy(tree)
  for assignment in assignments:
    _assign(tree, *_parse(assignment))
  try:
    return _checked(tree)
  except errors.UserError as error:
    if file is None or not _has_that_fault(read, error):
      raise
    raise errors.UserError(f"{file}: {error}") from None


def _has_that_fault(tree: dict[str, Any], error: errors.UserError) -> bool:
  try:
    _checked(tree)
  except errors.UserError as found:
    return str(found) == str(error)
  return False


def with_values(base: Config, values: dict[str, Any]) -> Config:
  """A config with some settings changed, by dotted name.

  Raises:
    UserError: as `build`.
  """
  tree = settings_lib.to_dict(base)
  for path, value in values.items():
    _assign(tree, path, value)
  return _checked(tree)


def to_yaml(config: Config) -> str:
  """The tree as YAML, as `build` reads it."""
  return yaml.safe_dump(settings_lib.to_dict(config), sort_keys=False, allow_unicode=True)


def recipe(config: Config, texts: Mapping[str, str] | None = None) -> str:
  """The part of the tree that results follow from, as YAML.

  Where and how a run is carried out (`runtime`, `kubeflow`) is left out.

  Args:
    config: the tree.
    texts: what stands in the place of some settings' values, by dotted name.
  """
  tree = settings_lib.to_dict(config)
  for path, text in (texts or {}).items():
    _assign(tree, path, text)
  for branch in _NO_PART:
    del tree[branch]
  return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)


def describe(config: Config) -> Iterable[tuple[str, Any, str]]:
  """Every setting of the tree: dotted name, value, description."""
  yield from _describe(config, "")


def _describe(branch: Any, prefix: str) -> Iterable[tuple[str, Any, str]]:
  for field in dataclasses.fields(branch):
    value = getattr(branch, field.name)
    if dataclasses.is_dataclass(value):
      yield from _describe(value, f"{prefix}{field.name}.")
    else:
      text = branch.__pydantic_fields__[field.name].description or ""
      yield f"{prefix}{field.name}", value, text


def _checked(tree: dict[str, Any]) -> Config:
  config = settings_lib.from_dict(Config, tree)
  for name, value, _ in describe(config):
    for text in _texts(value):
      # No file name may contain either.
      if "\0" in text or text.encode(errors="replace") != text.encode(errors="ignore"):
        raise errors.UserError(f"{name}: contains a NUL or an unpaired surrogate")
  return config


def _texts(value: Any) -> Iterable[str]:
  if isinstance(value, str):
    yield value
  elif isinstance(value, dict):
    yield from _texts(tuple(value.items()))
  elif isinstance(value, tuple):
    for inside in value:
      yield from _texts(inside)


def _read_yaml(file: pathlib.Path) -> dict[str, Any]:
  try:
    with open(file, "rb") as stream:  # A pipe is a file as well.
      text = stream.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
      raise errors.UserError(f"{file}: is too large for a config file, which has a few lines")
    values = yaml_text.load(text.decode("utf-8"))
  except OSError as error:
    raise errors.UserError(f"{file}: the config file can't be read: {error.strerror}") from None
  except UnicodeDecodeError:
    raise errors.UserError(f"{file}: is not text in UTF-8") from None
  except ValueError as error:
    raise errors.UserError(f"{file}: {error}") from None
  if values is None:
    return {}
  if not isinstance(values, dict):
    raise errors.UserError(
      f"{file}: a config file holds `setting: value` pairs; `python -m pipeline config` prints one"
    )
  return values


def _merge(tree: dict[str, Any], values: dict[str, Any], where: str) -> None:
  for key, value in values.items():
    if isinstance(tree.get(key), dict):
      if not isinstance(value, dict):
        raise errors.UserError(f"{where}: {key} is a group of settings")
      _merge(tree[key], value, where)
    else:
      tree[key] = value


def _parse(assignment: str) -> tuple[str, Any]:
  path, equals, text = assignment.partition("=")
  if not equals:
    raise errors.UserError(
      f"--set {errors.shown(assignment)}: write it as --set path.to.setting=value"
    )
  try:
    return path.strip(), yaml_text.load(text) if text else None
  except ValueError:
    return path.strip(), text


def _assign(tree: dict[str, Any], path: str, value: Any) -> None:
  *groups, name = path.split(".")
  branch = tree
  for group in groups:
    branch = branch.get(group)
    if not isinstance(branch, dict):
      raise errors.UserError(
        f"{errors.shown(path)}: no such setting; `python -m pipeline config` lists them"
      )
  if isinstance(branch.get(name), dict):
    if isinstance(value, dict):
      _merge(branch[name], value, path)
      return
    raise errors.UserError(f"{path}: this is a group; set one of its settings")
  if isinstance(branch.get(name), list) and not isinstance(value, (list, tuple)):
    value = [value]
  branch[name] = value
