"""What the benchmark ran on."""

from importlib import metadata
import os
import pathlib
import platform
from typing import Any, Dict

import tensorflow as tf

from components.embedding_engine import choice

_PACKAGES = ("tfx", "tensorflow", "keras", "onnxruntime", "apache-beam",
             "numpy", "pillow")
_CPU_INFO = pathlib.Path("/proc/cpuinfo")


def describe() -> Dict[str, Any]:
  """Processor, threads, memory, GPUs, versions."""
  return {
      "processor": _processor(),
      "threads": len(os.sched_getaffinity(0)),
      "int8_instructions": sorted(
          choice.cpu_features().intersection(choice.INT8_DOT_PRODUCTS)),
      "memory_bytes": (os.sysconf("SC_PAGE_SIZE")
                       * os.sysconf("SC_PHYS_PAGES")),
      "gpus": [gpu.name for gpu in tf.config.list_physical_devices("GPU")],
      "load_average": os.getloadavg()[0],
      "python": platform.python_version(),
      "versions": {name: metadata.version(name) for name in _PACKAGES},
  }


def _processor() -> str:
  if _CPU_INFO.is_file():
    for line in _CPU_INFO.read_text(errors="replace").splitlines():
      if line.startswith("model name"):
        return line.partition(":")[2].strip()
  return platform.processor() or platform.machine()
