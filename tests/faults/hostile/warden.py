"""Runs hostile cases in another process and says what became of each.

The process may crash, hang or eat memory: then the case that did it is named,
and the others go on in a new one.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from tests.faults.hostile import cases

SECONDS = 10
"""Of a processor: other work on the machine does not count."""
_WAIT_SECONDS = 60
BYTES = 2 << 30
_START_SECONDS = 120
_KILL_BYTES = 2 * BYTES
_REPOSITORY = pathlib.Path(__file__).parents[3]


@dataclasses.dataclass(frozen=True)
class Verdict:
  """What became of a case.

  Attributes:
    case: which.
    outcome: as in `cases`, or None if it did not come to one.
    reason: that the product gave.
    findings: what is wrong; none, if all is well.
    seconds: that it took.
    grown: bytes of memory above those before it, at the peak.
  """

  case: cases.Case
  outcome: str | None
  reason: str
  findings: Sequence[str]
  seconds: float
  grown: int

  def __str__(self) -> str:
    return (
      f"{self.case.kind}: {self.case.name}: "
      f"{'; '.join(self.findings) or 'well'} [{self.outcome}: "
      f"{self.reason[:160]!r}, {self.seconds:.1f} s, "
      f"{self.grown >> 20} MB]"
    )


def run(chosen: Sequence[cases.Case], folder: pathlib.Path) -> Iterator[Verdict]:
  """Runs cases, one after the other, each in a folder of its own.

  Args:
    chosen: cases of `corpus`.
    folder: an empty one.
  """
  waiting = list(chosen)
  starts = 0
  while waiting:
    starts += 1
    before = len(waiting)
    with _Child(waiting, folder / f"process-{starts}") as child:
      for verdict in child.verdicts():
        waiting.pop(0)
        yield verdict
    if len(waiting) == before:
      raise RuntimeError(f"the process does not start: {child.last_words()}")


class _Child:
  """A process that takes cases until one ends it."""

  def __init__(self, waiting: Sequence[cases.Case], folder: pathlib.Path):
    self._waiting = list(waiting)
    folder.mkdir()
    self._folder = folder
    self._log = open(folder / "log.txt", "w+b")
    self._process: subprocess.Popen | None = None
    self._started: float | None = None

  def __enter__(self) -> "_Child":
    environment = {
      **os.environ,
      "PYTHONPATH": str(_REPOSITORY),
      "TF_CPP_MIN_LOG_LEVEL": "3",
      "CUDA_VISIBLE_DEVICES": "-1",
      "PYTHONFAULTHANDLER": "1",
    }
    self._process = subprocess.Popen(
      [sys.executable, "-m", "tests.faults.hostile.child", str(self._folder / "work")],
      stdin=subprocess.PIPE,
      stdout=subprocess.PIPE,
      stderr=self._log,
      env=environment,
      cwd=_REPOSITORY,
      bufsize=0,
    )
    return self

  def __exit__(self, *error) -> None:
    with contextlib.suppress(OSError):
      self._process.stdin.close()
    self._process.kill()
    self._process.wait()
    self._process.stdout.close()
    if not any(error):
      shutil.rmtree(self._folder / "work", ignore_errors=True)
    self._log.close()

  def last_words(self) -> str:
    """The end of what it said."""
    text = (self._folder / "log.txt").read_text(errors="replace")
    return " | ".join(text.strip().splitlines()[-12:])[-1500:]

  def verdicts(self) -> Iterator[Verdict]:
    """Of all cases, or up to the one that ended the process."""
    if self._says("ready", _START_SECONDS) is None:
      return
    for case in self._waiting:
      self._process.stdin.write(json.dumps([case.kind, case.name]).encode() + b"\n")
      self._process.stdin.flush()
      # Files of gigabytes take longer to make than to refuse.
      self._started = None
      if self._says("made", _START_SECONDS) is None:
        yield self._ended(case, "it could not be made", 0)
        return
      self._started = self._worked()
      said = self._says("done", _WAIT_SECONDS)
      seconds = self._worked() - self._started
      if said is None:
        yield self._ended(case, None, seconds)
        return
      yield judged(case, said, seconds)

  def _says(self, what: str, seconds: float) -> dict | None:
    """The next line of the process; None if it died, hangs or grows."""
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
      selector.register(self._process.stdout, selectors.EVENT_READ)
      while time.monotonic() < deadline:
        if selector.select(0.2):
          line = self._process.stdout.readline()
          return json.loads(line)[what] if line else None
        if self._resident() > _KILL_BYTES + (1 << 30):
          return None
        if self._started is not None and (self._worked() - self._started > SECONDS):
          return None
    return None

  def _worked(self) -> float:
    """Seconds of a processor that the process has had."""
    fields = (
      pathlib.Path(f"/proc/{self._process.pid}/stat")
      .read_text(errors="replace")
      .rpartition(")")[2]
      .split()
    )
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

  def _resident(self) -> int:
    with contextlib.suppress(OSError, AttributeError):
      status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
      return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
    return 0

  def _ended(self, case: cases.Case, what: str | None, seconds: float) -> Verdict:
    resident = self._resident()
    code = self._process.poll()
    if what is None and code is None:
      what = (
        f"it takes {resident >> 20:,} MB"
        if resident > _KILL_BYTES
        else f"it takes {seconds:.0f} seconds, or waits for ever"
      )
    elif what is None:
      what = f"the process ends with status {code}: {self.last_words()}"
    return Verdict(case, None, "", [what], seconds, resident)


def judged(case: cases.Case, said: dict, seconds: float) -> Verdict:
  """What is wrong with what the process said of a case."""
  findings: list[str] = list(said["findings"])
  outcome, reason = said["outcome"], said["reason"]
  if outcome is not None:
    if case.outcome != cases.EITHER and outcome != case.outcome:
      findings.append(f"is {outcome}, not {case.outcome}")
    elif outcome != cases.ACCEPTED and not re.search(case.reason, reason, re.DOTALL):
      findings.append(f"the reason does not say `{case.reason}`")
  if said["grown"] > BYTES:
    findings.append(f"takes {said['grown'] >> 20:,} MB")
  return Verdict(case, outcome, reason, findings, seconds, said["grown"])
