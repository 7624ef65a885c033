"""How much memory this process has needed, and how much there is."""

import re
import resource

_STATUS = "/proc/self/status"
_CLEAR = "/proc/self/clear_refs"
_RESET_PEAK = "5"  # As `man 5 proc` has it, since Linux 4.0.


def forget_peak() -> bool:
  """Begins to measure anew; False where the system can't."""
  try:
    with open(_CLEAR, "w", encoding="ascii") as file:
      file.write(_RESET_PEAK)
  except OSError:
    return False
  return True


def peak_bytes() -> int | None:
  """The largest resident set since `forget_peak`; None where nobody knows."""
  kibibytes = _number_in(_STATUS, r"^VmHWM:\s+(\d+) kB$")
  return None if kibibytes is None else kibibytes * 1024


def peak_bytes_of_children() -> int:
  """The largest resident set of a process that this one started and that has
  ended."""
  return 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def kills_for_want_of_memory() -> int | None:
  """How many processes the kernel has killed because memory ran out, on the
  whole machine; None where it does not say."""
  return _number_in("/proc/vmstat", r"^oom_kill (\d+)$")


def limit_bytes() -> int | None:
  """What all processes here may hold together: the machine's memory, or what
  the container has of it."""
  kibibytes = _number_in("/proc/meminfo", r"^MemTotal:\s+(\d+) kB$")
  limits = [
    _number_in(path, r"^(\d+)$")
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
  ]
  found = [limit for limit in (kibibytes and kibibytes * 1024, *limits) if limit]
  return min(found) if found else None


def _number_in(path: str, pattern: str) -> int | None:
  try:
    with open(path, encoding="utf-8", errors="replace") as file:
      found = re.search(pattern, file.read(), re.MULTILINE)
  except OSError:
    return None
  return int(found[1]) if found else None
