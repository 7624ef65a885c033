"""Which engine is the best for the machine that this runs on."""

import dataclasses
import pathlib
from typing import FrozenSet

import tensorflow as tf

from components import errors
from components.embedding_engine.settings import EngineSettings, Kind
from components.embedding_network import onnx_model

INT8_DOT_PRODUCTS = ("avx512_vnni", "avx_vnni", "asimddp")
"""What Linux calls instructions that multiply 8-bit integers and add the
products to 32-bit sums: x86's two VNNI sets, ARM's dot products."""

_CPU_INFO = pathlib.Path("/proc/cpuinfo")


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
  missing = onnx_model.missing_package()
  if settings.kind != "auto":
    if missing and settings.kind != "tensorflow":
      raise errors.UserError(
          f"engine.kind={settings.kind} needs the Python package {missing}, "
          "which is not installed; install it, or set engine.kind=tensorflow")
    return Choice(settings.kind, "as configured")
  gpus = tf.config.list_physical_devices("GPU")
  if gpus:
    return Choice("tensorflow", f"{len(gpus)} GPUs")
  if missing:
    return Choice("tensorflow", f"{missing} is not installed")
  found = cpu_features().intersection(INT8_DOT_PRODUCTS)
  if found:
    return Choice("onnx_int8", f"CPU with {min(found)}")
  return Choice("onnx_fp32", "CPU without 8-bit dot products")


def cpu_features(cpu_info: pathlib.Path = _CPU_INFO) -> FrozenSet[str]:
  """The CPU's instruction sets, as Linux calls them; none elsewhere."""
  if not cpu_info.is_file():
    return frozenset()
  for line in cpu_info.read_text(errors="replace").splitlines():
    name, _, value = line.partition(":")
    if name.strip() in ("flags", "Features"):
      return frozenset(value.split())
  return frozenset()
