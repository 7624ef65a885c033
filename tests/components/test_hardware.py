"""What Linux says of a processor, and how much of it is ours."""

import os
import pathlib

import pytest

from components.shared.core import hardware


def test_cpu_features_of_x86_and_arm(tmp_path):
  x86 = tmp_path / "x86"
  x86.write_text(
    "processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni\n\nprocessor\t: 1\nflags\t\t: fpu\n"
  )
  arm = tmp_path / "arm"
  arm.write_text("processor\t: 0\nFeatures\t: fp asimd asimddp\n")
  assert hardware.cpu_features(x86) == {"fpu", "avx2", "avx512_vnni"}
  assert hardware.cpu_features(arm) == {"fp", "asimd", "asimddp"}
  assert not hardware.cpu_features(tmp_path / "elsewhere")


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
  "where, quota, threads",
  [
    ("jobs/mine", "100000", 1),
    ("jobs/mine", "150000", 2),
    ("jobs", "40000", 1),
    (".", "100000", 1),
    ("jobs/mine", None, None),
    ("other", "100000", None),
  ],
)
def test_a_container_gets_the_time_that_its_groups_get(tmp_path, version, where, quota, threads):
  line = {1: "4:cpu,cpuacct:/jobs/mine", 2: "0::/jobs/mine"}[version]
  cgroup = tmp_path / "cgroup"
  cgroup.write_text(f"9:memory:/elsewhere\n{line}\n")
  root = tmp_path / ("cpu" if version == 1 else "")
  for folder in ("jobs/mine", "jobs", ".", "other"):
    _limit(root / folder, version, quota if folder == where else None)
  cores = len(os.sched_getaffinity(0))
  assert hardware.threads(cgroup, tmp_path) == min(cores, threads or cores)


def _limit(group: pathlib.Path, version: int, quota) -> None:
  group.mkdir(parents=True, exist_ok=True)
  if version == 2:
    (group / "cpu.max").write_text(f"{quota or 'max'} 100000\n")
  else:
    (group / "cpu.cfs_quota_us").write_text(f"{quota or -1}\n")
    (group / "cpu.cfs_period_us").write_text("100000\n")


def test_threads_without_control_groups(tmp_path):
  assert hardware.threads(tmp_path / "none", tmp_path) == len(os.sched_getaffinity(0))
