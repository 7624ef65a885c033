"""What the benchmark ran on."""

from importlib import metadata
import os
import platform
from typing import Any, Dict

import tensorflow as tf

from components import hardware
from components.embedding_engine import choice

_PACKAGES = ("tfx", "tensorflow", "keras", "onnxruntime", "apache-beam",
             "numpy", "pillow")


def describe() -> Dict[str, Any]:
  """Processor, threads, memory, GPUs, versions."""
  return {
      "processor": hardware.processor(),
      "threads": hardware.threads(),
      "int8_instructions": sorted(
          hardware.cpu_features().intersection(choice.INT8_DOT_PRODUCTS)),
      "memory_bytes": (os.sysconf("SC_PAGE_SIZE")
                       * os.sysconf("SC_PHYS_PAGES")),
      "gpus": [gpu.name for gpu in tf.config.get_visible_devices("GPU")],
      "load_average": os.getloadavg()[0],
      "python": platform.python_version(),
      "versions": {name: metadata.version(name) for name in _PACKAGES},
  }
