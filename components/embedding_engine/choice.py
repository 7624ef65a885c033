"""Which engine is the best for the machine that this runs on."""

import dataclasses
import importlib.util
import pathlib
from typing import FrozenSet, Sequence

import tensorflow as tf

from components import errors
from components.embedding_engine.settings import EngineSettings, Kind

INT8_DOT_PRODUCTS = ("avx512_vnni", "avx_vnni", "asimddp")
"""What Linux calls instructions that multiply 8-bit integers and add the
products to 32-bit sums: x86's two VNNI sets, ARM's dot products."""

_CPU_INFO = pathlib.Path("/proc/cpuinfo")
_LIBRARIES = {"onnx_fp32": ("onnx", "onnxruntime", "tf2onnx"),
              "onnx_int8": ("onnx", "onnxruntime", "tf2onnx")}


@dataclasses.dataclass(frozen=True)
class Choice:
  """An engine and why it was chosen, in a few words."""
  kind: Kind
  reason: str


def choose(settings: EngineSettings) -> Choice:
  """The engine that the settings ask for, or the best one.

  Raises:
    UserError: the engine's library is not installed.
  """
  if settings.kind != "auto":
    missing = missing_libraries(settings.kind)
    if missing:
      raise errors.UserError(
          f"engine.kind={settings.kind} needs the Python package "
          f"{missing[0]}, which is not installed; install it, or set "
          "engine.kind=tensorflow")
    return Choice(settings.kind, "as configured")
  gpus = tf.config.list_physical_devices("GPU")
  if gpus:
    return Choice("tensorflow", f"{len(gpus)} GPUs")
  missing = missing_libraries("onnx_fp32")
  if missing:
    return Choice("tensorflow", f"{missing[0]} is not installed")
  found = cpu_features().intersection(INT8_DOT_PRODUCTS)
  if found:
    return Choice("onnx_int8", f"CPU with {min(found)}")
  return Choice("onnx_fp32", "CPU without 8-bit dot products")


def missing_libraries(kind: Kind) -> Sequence[str]:
  """The packages that an engine needs and that can't be found."""
  return [name for name in _LIBRARIES.get(kind, ())
          if not _is_installed(name)]


def cpu_features(cpu_info: pathlib.Path = _CPU_INFO) -> FrozenSet[str]:
  """The CPU's instruction sets, as Linux calls them; none elsewhere."""
  if not cpu_info.is_file():
    return frozenset()
  for line in cpu_info.read_text(errors="replace").splitlines():
    name, _, value = line.partition(":")
    if name.strip() in ("flags", "Features"):
      return frozenset(value.split())
  return frozenset()


def _is_installed(name: str) -> bool:
  try:
    return importlib.util.find_spec(name) is not None
  except ValueError:  # a module that is marked as not to be imported
    return False
