"""What happens to a run's processes: memory that runs out, workers that go."""

import contextlib
import os
import pathlib
import time
from collections.abc import Iterator

import pytest

_GROUPS = pathlib.Path("/sys/fs/cgroup")
_LIMITS = ((_GROUPS / "memory", "memory.limit_in_bytes"), (_GROUPS, "memory.max"))
"""Control groups of either version: where they are, and the limit's file."""


@contextlib.contextmanager
def little_memory(size: int) -> Iterator[list[str]]:
  """A prefix for a command, and all that it starts, that may hold so many
  bytes; more, and the kernel kills. Skips where control groups can't be had."""
  for root, limit in _LIMITS:
    group = root / f"latent-labels-{os.getpid()}"
    try:
      group.mkdir()
    except OSError:
      continue
    try:
      if not (group / limit).exists():
        continue
      (group / limit).write_text(str(size))
      yield ["sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh"]
      return
    finally:
      _remove(group)
  pytest.skip("no control group for memory can be made here")


def _remove(group: pathlib.Path) -> None:
  for _ in range(100):  # Until what was killed is gone.
    try:
      group.rmdir()
      return
    except OSError:
      time.sleep(0.1)


def workers_of(process: int) -> list[int]:
  """Beam's worker processes that a run has started, in their order."""
  found = []
  for folder in pathlib.Path("/proc").glob("[0-9]*"):
    try:
      words = (folder / "cmdline").read_bytes().split(b"\0")
      session = os.getsid(int(folder.name))
    except OSError:
      continue  # It has just ended.
    if (
      session == os.getsid(process)
      and b"python" in words[0]
      and (b"apache_beam.runners.worker.sdk_worker_main" in words)
    ):
      found.append(int(folder.name))
  return sorted(found)


def processor_seconds(process: int) -> float:
  """What a process has computed for so far; 0 if it is gone."""
  try:
    stat = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii")
  except OSError:
    return 0.0
  user, system = stat.rpartition(")")[2].split()[11:13]
  return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
