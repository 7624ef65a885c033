"""Is all here that a run needs? What `python -m pipeline health` asks."""

import dataclasses
import importlib
import pathlib
import pkgutil
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata

from components.shared.assets import cache
from components.shared.core import hardware

_PACKAGES = {"TFX": "tfx", "TensorFlow": "tensorflow", "Keras": "keras", "Beam": "apache-beam"}
_DEVICES = pathlib.Path("/dev")


class Unsound(Exception):
  """A check did not pass; the message says why."""


@dataclasses.dataclass(frozen=True)
class Check:
  """What was looked at.

  Attributes:
    name: of the check.
    passed: is it as it should be?
    found: what was found, or what is wrong.
  """

  name: str
  passed: bool
  found: str

  @property
  def line(self) -> str:
    """One line for a person."""
    return f"{'ok' if self.passed else 'FAILED':<6}  {self.name}: {self.found}"


def run(checks: Sequence[tuple[str, Callable[[], str]]] = ()) -> Iterator[Check]:
  """Carries out checks, each whatever became of those before it.

  Args:
    checks: names, and functions that say what they found or raise; default:
      all of them.
  """
  for name, check in checks or ALL:
    try:
      yield Check(name, True, check())
    except Exception as error:  # pylint: disable=broad-except
      yield Check(name, False, _one_line(error))


def versions() -> str:
  """Of what a run is made of.

  Raises:
    Unsound: a package is missing.
  """
  found = [f"Python {platform.python_version()}"]
  for name, package in _PACKAGES.items():
    try:
      found.append(f"{name} {metadata.version(package)}")
    except metadata.PackageNotFoundError:
      raise Unsound(f"the Python package {package} is not installed") from None
  return ", ".join(found)


def devices(folder: pathlib.Path = _DEVICES) -> str:
  """What computes.

  Args:
    folder: where Linux shows devices.

  Raises:
    Unsound: there is an NVIDIA GPU, and TensorFlow can't use it.
  """
  import tensorflow as tf  # pylint: disable=g-import-not-at-top

  seen = tf.config.list_physical_devices("GPU")
  here = sorted(path.name for path in folder.glob("nvidia[0-9]*"))
  if here and not seen:
    raise Unsound(
      f"TensorFlow does not see {', '.join(here)}: its CUDA libraries are "
      "missing (take the gpu image), or older than the driver asks for"
    )
  names = [
    tf.config.experimental.get_device_details(device).get("device_name", device.name)
    for device in seen
  ]
  return f"{hardware.threads()} CPU threads, {', '.join(names) or 'no GPU'}"


def executors() -> str:
  """Imports every component's executor, as a step's container does.

  Raises:
    Unsound: some can't be imported.
  """
  import components  # pylint: disable=g-import-not-at-top

  modules = [
    f"components.{package.name}.executor"
    for package in pkgutil.iter_modules(components.__path__)
    if package.ispkg and _has_executor(components.__path__, package.name)
  ]
  _import_all({module: module for module in modules})
  return f"{len(modules)} components can be imported"


def dag() -> str:
  """Builds the sample's pipeline, and imports what TFX's components run.

  Raises:
    Unsound: some can't be imported.
  """
  # pylint: disable=g-import-not-at-top
  from pipeline import dag as dag_lib
  from pipeline import experiments, places

  pipeline = dag_lib.create_pipeline(
    experiments.load("sample"),
    places.Places(pipeline_name="health", root="", pushed=""),
    dag_lib.Inputs(photos_fingerprint="", labels_fingerprint="", others=()),
  )
  paths = {
    node.id: node.executor_spec.class_path
    for node in pipeline.components
    if hasattr(node.executor_spec, "class_path")
  }
  _import_all({name: path.rpartition(".")[0] for name, path in paths.items()})
  return f"{len(pipeline.components)} steps, of which {len(paths)} execute"


def cache_folder() -> str:
  """Writes a file into the folder of fetched photos and weights.

  Raises:
    UserError: it can't be written.
  """
  with cache.written():
    cache.folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=cache.folder()) as file:
      file.write(b"health")
      file.flush()
  free = shutil.disk_usage(cache.folder()).free
  return f"{cache.folder()} can be written, {free / 1e9:,.1f} GB free"


ALL = (
  ("versions", versions),
  ("devices", devices),
  ("executors", executors),
  ("pipeline", dag),
  ("cache", cache_folder),
)


def _has_executor(path: Sequence[str], package: str) -> bool:
  return any(pathlib.Path(folder, package, "executor.py").is_file() for folder in path)


def _import_all(modules: dict[str, str]) -> None:
  """Imports modules, by the name that they are reported under.

  Raises:
    Unsound: names all that can't be, and why.
  """
  wrong = []
  for name, module in modules.items():
    try:
      importlib.import_module(module)
    except Exception as error:  # pylint: disable=broad-except
      wrong.append(f"{name} ({_one_line(error)})")
  if wrong:
    raise Unsound(f"can't be imported: {'; '.join(wrong)}")


def _one_line(error: BaseException) -> str:
  text = re.sub(r"\s+", " ", str(error)).strip()
  return text[:300] or type(error).__name__
