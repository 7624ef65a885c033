"""What libraries take from a person's other projects, and must not take here.

Which backend Keras computes with, in which precision, whether a warning is an
error: environment variables and dotfiles decide that for every program of a
person. Results and mistakes must not depend on it, so that this is said before
any library is imported: `components` imports this module first. What tunes a
library, such as numbers of threads, stays, as do the GPUs that may be seen.

Processes that this one starts, Beam's workers and the steps of a rehearsal,
inherit it.
"""

import contextlib
import functools
import importlib.abc
import importlib.machinery
import logging
import os
import subprocess
import sys
import types
import warnings
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

_ALWAYS = {
  # A file has no files in it: neither Keras finds a keras.json, nor writes
  # one.
  "KERAS_HOME": os.devnull,
  "KERAS_BACKEND": "tensorflow",
  # Which Keras `tf.keras` is must not depend on the machine.
  "TF_USE_LEGACY_KERAS": "0",
  "TF2_BEHAVIOR": "1",
}
_UNLESS_SET = {
  "TF_CPP_MIN_LOG_LEVEL": "2",
  # A GPU's memory is for several processes: Beam's workers, and this one.
  "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}
_NEVER = ("PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION", "PYTHONWARNINGS")
_KEPT_XLA_FLAGS = ("--xla_gpu_cuda_data_dir=",)
"""Where CUDA is. Of the others, JAX's are often newer than TensorFlow, which
ends a process over a flag that it doesn't know."""
_PROXIES = ("grpc_proxy", "http_proxy", "https_proxy", "all_proxy")
_HERE = ("localhost", "127.0.0.1", "::1")

NOISE = (
  "^I[0-9]{4} |Unable to register cu[A-Za-z]+ factory|"
  r"log messages before absl::InitializeLog\(\)|"
  "computation_placer already registered|"
  "failed call to cuInit|TF-TRT Warning"
)
"""What TensorFlow says on every machine while it is imported (as `grep -E` has
it), whatever its log level; nothing is wrong where it does. That there is no
GPU, a run says itself."""


def decide(environment: MutableMapping[str, str]) -> None:
  """Changes what other projects set, in place.

  Args:
    environment: of a process that has not imported any of the libraries.
  """
  for name in [name for name in environment if name.startswith("KERAS_")]:
    del environment[name]
  for name in _NEVER:
    environment.pop(name, None)
  environment.update(_ALWAYS)
  for name, value in _UNLESS_SET.items():
    environment.setdefault(name, value)
  if "ipykernel" not in sys.modules:  # A notebook shows its own figures.
    environment["MPLBACKEND"] = "agg"
  if "XLA_FLAGS" in environment:
    environment["XLA_FLAGS"] = " ".join(
      flag for flag in environment["XLA_FLAGS"].split() if flag.startswith(_KEPT_XLA_FLAGS)
    )
  _reach_this_machine(environment)


def _reach_this_machine(environment: MutableMapping[str, str]) -> None:
  """Beam's workers are here; gRPC would ask a proxy for them as well."""
  if not any(environment.get(name) or environment.get(name.upper()) for name in _PROXIES):
    return
  # What is in capitals counts only where nothing else is there.
  direct = environment.get("no_proxy") or environment.get("NO_PROXY", "")
  for name, value in (("no_proxy", direct), ("no_grpc_proxy", environment.get("no_grpc_proxy"))):
    if value is not None and value.strip() != "*":
      hosts = [host.strip() for host in value.split(",") if host.strip()]
      environment[name] = ",".join([*hosts, *(host for host in _HERE if host not in hosts)])


def _calm_warnings() -> None:
  """Python's own choice of warnings, where a person's is another.

  Google's client libraries warn of each Python's last months, at every import.
  """
  if "PYTHONWARNINGS" in os.environ:
    warnings.resetwarnings()
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
      warnings.simplefilter("ignore", category)
  warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.api_core")


def _import_tensorflow(
  execute: Callable[[types.ModuleType], None], module: types.ModuleType
) -> None:
  from components.shared.core import hardware

  with without_noise():
    execute(module)
    if not hardware.may_have_gpus():
      # Its first look for GPUs ends in an error: no news without a driver.
      module.config.list_physical_devices("GPU")


@contextlib.contextmanager
def without_noise() -> Iterator[None]:
  """Standard error without the lines of `NOISE`, C++'s included.

  A process of its own leaves them out, line by line: if TensorFlow ends this
  one, as it does on a processor that is too old, its last words are there.
  """
  sys.stderr and sys.stderr.flush()
  try:
    kept = os.dup(2)
  except OSError:  # It is closed.
    yield
    return
  try:
    filtering = subprocess.Popen(
      ["grep", "-vE", "--line-buffered", NOISE], stdin=subprocess.PIPE, stdout=2
    )
  except OSError:
    os.close(kept)
    yield
    return
  os.dup2(filtering.stdin.fileno(), 2)
  filtering.stdin.close()
  try:
    yield
  finally:
    sys.stderr and sys.stderr.flush()
    os.dup2(kept, 2)
    os.close(kept)
    with contextlib.suppress(subprocess.TimeoutExpired):
      filtering.wait(1)  # Who was started meanwhile may hold the other end.


def _import_transform(
  execute: Callable[[types.ModuleType], None], module: types.ModuleType
) -> None:
  """TensorFlow Transform says to set TF_USE_LEGACY_KERAS=1, which would make
  `tf.keras` another library than the one that this project is written for."""

  def other(record: logging.LogRecord) -> bool:
    return "TF_USE_LEGACY_KERAS" not in str(record.msg)

  from absl import logging as absl_logging  # Who needs TensorFlow needs it too.

  logger = absl_logging.get_absl_logger()
  logger.addFilter(other)
  try:
    execute(module)
  finally:
    logger.removeFilter(other)


def _import_objsize(execute: Callable[[types.ModuleType], None], module: types.ModuleType) -> None:
  """Beam weighs each side input that it keeps with objsize, which looks up the
  globals of all imported modules each time, to leave them out. With TensorFlow
  imported that is a third of what Transform does; they are the same each time."""
  execute(module)
  traverse: Any = sys.modules[f"{module.__name__}.traverse"]
  look_up = traverse._iter_modules_globals
  found: dict[int, list[dict[str, Any]]] = {}

  def kept() -> list[dict[str, Any]]:
    count = len(sys.modules)
    if count not in found:
      found.clear()
      found[count] = list(look_up())
    return found[count]

  traverse._iter_modules_globals = kept


_OWN_WAYS = {
  "tensorflow": _import_tensorflow,
  "tensorflow_transform": _import_transform,
  "objsize": _import_objsize,
}


class _Finder(importlib.abc.MetaPathFinder):
  """Has libraries that say too much, or take too long, imported in ways of their own."""

  def find_spec(self, fullname, path=None, target=None):
    """See the class."""
    if fullname not in _OWN_WAYS or path is not None:
      return None
    spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
    if spec is not None and spec.loader is not None:
      spec.loader.exec_module = functools.partial(_OWN_WAYS[fullname], spec.loader.exec_module)
    return spec


_calm_warnings()
decide(os.environ)
sys.meta_path.insert(0, _Finder())
