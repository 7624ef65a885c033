"""Which engine is the best for the machine that this runs on."""

import dataclasses

from components.shared.core import errors, hardware
from components.shared.networks import onnx_model
from components.shared.networks.engine_settings import EngineSettings, Kind

INT8_DOT_PRODUCTS = ("avx512_vnni", "avx_vnni", "asimddp")
"""What Linux calls instructions that multiply 8-bit integers and add the
products to 32-bit sums: x86's two VNNI sets, ARM's dot products."""


@dataclasses.dataclass(frozen=True)
class Choice:
  """An engine and why it was chosen, in a few words."""

  kind: Kind
  reason: str


def check(settings: EngineSettings) -> None:
  """Whether the engine that the settings ask for can be had here.

  Raises:
    UserError: the engine's library is not installed.
  """
  missing = onnx_model.missing_package()
  if missing and settings.kind not in ("auto", "tensorflow"):
    raise errors.UserError(
      f"engine.kind={settings.kind} needs the Python package {missing}, "
      "which is not installed; install it, or set engine.kind=tensorflow"
    )


def choose(settings: EngineSettings) -> Choice:
  """The engine that the settings ask for, or the best one.

  Raises:
    UserError: as `check`.
  """
  check(settings)
  if settings.kind != "auto":
    return Choice(settings.kind, "as configured")
  import tensorflow as tf  # Not to check.

  missing = onnx_model.missing_package()
  gpus = tf.config.get_visible_devices("GPU")
  if gpus:
    return Choice("tensorflow", f"{len(gpus)} GPU{'s' if len(gpus) > 1 else ''}")
  if missing:
    return Choice("tensorflow", f"{missing} is not installed")
  found = hardware.cpu_features().intersection(INT8_DOT_PRODUCTS)
  if found:
    return Choice("onnx_int8", f"CPU with {min(found)}")
  return Choice("onnx_fp32", "CPU without 8-bit dot products")
