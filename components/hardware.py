"""What this machine's processor is and can do, as Linux says."""

import os
import pathlib
import platform
from typing import FrozenSet, Sequence

_CPU_INFO = pathlib.Path("/proc/cpuinfo")
_NVIDIA = pathlib.Path("/proc/driver/nvidia/version")
_GPUS = (_NVIDIA, pathlib.Path("/dev/nvidiactl"), pathlib.Path("/dev/dxg"),
         pathlib.Path("/dev/kfd"))
"""What is there with a driver for GPUs: NVIDIA's, Windows' Linux, AMD's."""


def threads() -> int:
  """How many this process may run at once."""
  return len(os.sched_getaffinity(0))


def processor() -> str:
  """The processor's name."""
  return (_first_of(("model name",), _CPU_INFO)
          or platform.processor() or platform.machine())


def cpu_features(cpu_info: pathlib.Path = _CPU_INFO) -> FrozenSet[str]:
  """The CPU's instruction sets, as Linux calls them; none elsewhere."""
  return frozenset(_first_of(("flags", "Features"), cpu_info).split())


def has_nvidia_driver() -> bool:
  """Whether NVIDIA's driver is loaded."""
  return _NVIDIA.exists()


def may_have_gpus() -> bool:
  """Whether a driver for GPUs is loaded; without one TensorFlow finds none."""
  return any(path.exists() for path in _GPUS)


def _first_of(names: Sequence[str], cpu_info: pathlib.Path) -> str:
  """The first value that has one of these names; empty if there is none."""
  if cpu_info.is_file():
    for line in cpu_info.read_text(errors="replace").splitlines():
      name, _, value = line.partition(":")
      if name.strip() in names:
        return value.strip()
  return ""
