"""What the benchmark ran on."""

import os
import platform
from importlib import metadata
from typing import Any

import tensorflow as tf

from components.shared.core import hardware
from components.shared.networks import choice

_PACKAGES = ("tfx", "tensorflow", "keras", "onnxruntime", "apache-beam", "numpy", "pillow")


def describe() -> dict[str, Any]:
  """Processor, threads, memory, GPUs, versions."""
  return {
    "processor": hardware.processor(),
    "threads": hardware.threads(),
    "int8_instructions": sorted(hardware.cpu_features().intersection(choice.INT8_DOT_PRODUCTS)),
    "memory_bytes": (os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")),
    "gpus": [gpu.name for gpu in tf.config.get_visible_devices("GPU")],
    "load_average": os.getloadavg()[0],
    "python": platform.python_version(),
    "versions": {name: metadata.version(name) for name in _PACKAGES},
  }
