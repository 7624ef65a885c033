"""How much memory this process has needed, from a moment on."""

import re
import resource
from typing import Optional

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


def peak_bytes() -> Optional[int]:
  """The largest resident set since `forget_peak`; None where nobody knows."""
  try:
    with open(_STATUS, encoding="utf-8", errors="replace") as file:
      found = re.search(r"^VmHWM:\s+(\d+) kB$", file.read(), re.MULTILINE)
  except OSError:
    return None
  return int(found[1]) * 1024 if found else None


def peak_bytes_of_children() -> int:
  """The largest resident set of a process that this one started and that has
  ended."""
  return 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
