"""A process that watches over the one that does the work.

Where the kernel kills a process because memory ran out, or a native library
crashes, nobody is left in it to say so. The one that watches imports next to
nothing, and says what happened, in which component, and what to do.
"""

import ctypes
import json
import mmap
import os
import pathlib
import re
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from pipeline import memory

_PR_SET_PDEATHSIG = 1
"""Of `prctl` (`man 2 prctl`)."""
_SI_USER = 0
"""Of a signal that a process sent; a terminal's own come from the kernel."""
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL)
_BOARD_BYTES = 1 << 16
_GO_ON = "give the same command again: it resumes from what was finished"

_board: mmap.mmap | None = None


def begin() -> None:
  """Goes on in a process of its own, and watches over it.

  Returns in the new process only, which ends when this one does. This one
  hands signals on and ends as the other does; after a signal the status is 128
  and the signal's number.
  """
  global _board
  _board = mmap.mmap(-1, _BOARD_BYTES)
  # Until there is someone to hand them on to, they wait.
  signal.pthread_sigmask(signal.SIG_BLOCK, {*_FORWARDED, signal.SIGCHLD})
  killed_before = memory.kills_for_want_of_memory()
  parent = os.getpid()
  child = os.fork()
  if child:
    _watch(child, killed_before)
  ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
  if os.getppid() != parent:
    os._exit(1)
  signal.pthread_sigmask(signal.SIG_UNBLOCK, {*_FORWARDED, signal.SIGCHLD})


def is_watched() -> bool:
  """Whether another process says what happened to this one."""
  return _board is not None


def tell(running: Sequence[str], log: str) -> None:
  """Tells who watches, if anybody does, what the work is at.

  Args:
    running: the components that are at work.
    log: path of the file with all that was said.
  """
  if _board is None:
    return
  told = json.dumps({"running": list(running), "log": log}).encode()
  if len(told) < _BOARD_BYTES:
    _board[:] = told.ljust(_BOARD_BYTES, b"\0")


def _watch(child: int, killed_before: int | None) -> NoReturn:
  """Waits for the child, and ends as it does."""
  asked = None
  while True:
    received = signal.sigwaitinfo({*_FORWARDED, signal.SIGCHLD})
    if received.si_signo != signal.SIGCHLD:
      asked = received.si_signo
      # Ctrl+C has reached the child already.
      if received.si_code == _SI_USER or received.si_signo != signal.SIGINT:
        os.kill(child, received.si_signo)
      continue
    ended, status, used = os.wait4(child, os.WNOHANG)
    if ended:
      break
  if not os.WIFSIGNALED(status):
    os._exit(os.waitstatus_to_exitcode(status))
  number = os.WTERMSIG(status)
  if asked is not None and number in _CRASHES:
    number = asked  # Libraries that are interrupted while they are imported may crash.
  killed = memory.kills_for_want_of_memory()
  # It may have ended within a line, such as a progress bar.
  print(
    # Ctrl+C is no error, here as in the command line itself.
    ("\n" if number == signal.SIGINT else "\nerror: ")
    + explain(
      number,
      peak_bytes=used.ru_maxrss * 1024,
      told=_told(),
      memory_ran_out=killed_before is not None and killed != killed_before,
    ),
    file=sys.stderr,
    flush=True,
  )
  os._exit(128 + number)


def _told() -> dict[str, Any]:
  content = _board[:].rstrip(b"\0")
  return json.loads(content) if content else {"running": [], "log": None}


def explain(number: int, *, peak_bytes: int, told: dict[str, Any], memory_ran_out: bool) -> str:
  """A line about work that a signal ended.

  Args:
    number: of the signal.
    peak_bytes: the largest resident set of the process.
    told: what `tell` was told.
    memory_ran_out: whether the kernel has killed for that meanwhile.
  """
  where = f" while {' and '.join(told['running'])} was at work" if (told["running"]) else ""
  name = signal.Signals(number).name
  if number in _FORWARDED:
    return f"stopped ({name}){where}; {_GO_ON}"
  needed = f"it held {peak_bytes / 1e9:.1f} GB"
  limit = memory.limit_bytes()
  if limit is not None:
    needed += f" of {limit / 1e9:.1f} GB"
  smaller = (
    "close other programs, or make batches smaller (`python -m "
    f"pipeline config` lists the settings), and {_GO_ON}"
  )
  if number == signal.SIGKILL:
    if memory_ran_out:
      return f"memory ran out{where}, so the system killed the run; {needed}; {smaller}"
    return (
      f"the run was killed ({name}){where}, by someone or because memory ran out; {needed}; "
      f"{_GO_ON}"
    )
  if _says_memory(told["log"]):
    return f"memory ran out{where}; {needed}; {smaller}"
  log = told["log"]
  why = "" if log is None else f"the end of {log} may say why; "
  return f"the run crashed ({name}){where}, in a library's native code; {why}{_GO_ON}"


def _says_memory(log: str | None) -> bool:
  """Whether the log ends with what C++ says where it gets no memory."""
  if log is None or not pathlib.Path(log).exists():
    return False
  with open(log, "rb") as file:
    file.seek(max(0, os.path.getsize(log) - 4096))
    return re.search(rb"bad_alloc|[Oo]ut of memory|Cannot allocate memory", file.read()) is not None
