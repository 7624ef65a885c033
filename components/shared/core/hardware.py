"""What this machine's processor is and can do, as Linux says."""

import math
import os
import pathlib
import platform
from collections.abc import Iterator, Sequence

_CPU_INFO = pathlib.Path("/proc/cpuinfo")
_NVIDIA = pathlib.Path("/proc/driver/nvidia/version")
_GPUS = (
  _NVIDIA,
  pathlib.Path("/dev/nvidiactl"),
  pathlib.Path("/dev/dxg"),
  pathlib.Path("/dev/kfd"),
)
"""What is there with a driver for GPUs: NVIDIA's, Windows' Linux, AMD's."""
_CGROUP = pathlib.Path("/proc/self/cgroup")
_CGROUPS = pathlib.Path("/sys/fs/cgroup")


def threads(cgroup: pathlib.Path = _CGROUP, cgroups: pathlib.Path = _CGROUPS) -> int:
  """How many this process may run at once.

  As many as there are cores that it may use, or fewer where its control group
  gets less time than they have, as a container with a limit does.

  Args:
    cgroup: the file that names the process's control groups.
    cgroups: where the groups are mounted.
  """
  shares = _cpu_shares(cgroup, cgroups)
  return min([len(os.sched_getaffinity(0)), *map(math.ceil, shares)])


def _cpu_shares(cgroup: pathlib.Path, cgroups: pathlib.Path) -> Iterator[float]:
  """Limits in cores, of the process's groups and of those above them.

  Version 2 has `cpu.max` ("200000 100000" or "max 100000"), version 1 the same
  numbers in two files, with -1 for no limit.
  """
  try:
    lines = cgroup.read_text().splitlines()
  except OSError:
    return
  names: tuple[str, ...]
  for line in lines:
    number, kinds, path = line.split(":", 2)
    if number == "0":
      root, names = cgroups, ("cpu.max",)
    elif "cpu" in kinds.split(","):
      root, names = cgroups / "cpu", ("cpu.cfs_quota_us", "cpu.cfs_period_us")
    else:
      continue
    # Within a container its own group is mounted as the root.
    group = root / path.strip("/")
    for folder in (group, *group.parents):
      try:
        quota, period = " ".join((folder / name).read_text() for name in names).split()
      except (OSError, ValueError):
        pass
      else:
        if quota not in ("max", "-1"):
          yield int(quota) / int(period)
      if folder == root:
        break


def processor() -> str:
  """The processor's name."""
  return _first_of(("model name",), _CPU_INFO) or platform.processor() or platform.machine()


def cpu_features(cpu_info: pathlib.Path = _CPU_INFO) -> frozenset[str]:
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
