"""What commands cost that do next to nothing, beside Python's own start."""

import os
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from components.shared import assets
from components.shared.core import progress
from pipeline import run_folder

_PYTHON = "python -c pass"
_RUN = pathlib.Path("output/sample")
"""Of whose model a photo is asked; `python -m pipeline run` makes it."""
_NO_RUN = f"needs a finished run in {_RUN}"


class _Cost(NamedTuple):
  """Of one process and those that it waited for, in seconds."""

  processor: float
  wall: float


def measure(repeats: int) -> list[dict[str, Any]]:
  """Times whole commands, in turns.

  Args:
    repeats: how often each is timed, after a first time that fills caches.

  Returns:
    For each command `command`; `processor_seconds` (user and system) and
    `wall_seconds`, each with `median`, `min` and `max`; and
    `ratio_to_python`, of the processor's seconds. Or, in the place of
    figures, why there are none, as `skipped`.
  """
  commands = _commands()
  costs: dict[str, list[_Cost]] = {name: [] for name in commands}
  with progress.bar("bench start", (1 + repeats) * len(commands), "command") as bar:
    for repeat in range(1 + repeats):
      for name, arguments in commands.items():
        cost = arguments and _cost(arguments)
        if cost and repeat:
          costs[name].append(cost)
        bar.update()
  base = statistics.median(cost.processor for cost in costs[_PYTHON])
  return [_row(name, costs[name], base) for name in commands]


def _commands() -> dict[str, Sequence[str] | None]:
  """Arguments of Python by what a person types; None: it can't be timed."""

  def pipeline(*arguments: str) -> Sequence[str]:
    return ("-m", "pipeline", *arguments)

  photo = min(assets.sample_photos().iterdir())
  pushed = run_folder.RunFolder(_RUN).pushed
  return {
    _PYTHON: ("-c", "pass"),
    "--help": pipeline("--help"),
    "config": pipeline("config"),
    "run --source nowhere": pipeline("run", "--source", "nowhere"),
    "run --attribute nowhere": pipeline("run", "--attribute", "nowhere"),
    "report --name nowhere": pipeline("report", "--name", "nowhere"),
    "predict nowhere.jpg": pipeline("predict", "nowhere.jpg"),
    "predict PHOTO": pipeline("predict", str(photo))
    if (pushed.is_dir() and any(pushed.iterdir()))
    else None,
  }


def _cost(arguments: Sequence[str]) -> _Cost:
  """What `python *arguments` takes; whether it succeeds is no matter."""
  start = time.perf_counter()
  # Its wait is ours: no other of `subprocess` tells what one process used.
  process = subprocess.Popen(
    [sys.executable, *arguments],
    stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
  )
  _, status, used = os.wait4(process.pid, 0)
  process.returncode = os.waitstatus_to_exitcode(status)
  return _Cost(used.ru_utime + used.ru_stime, time.perf_counter() - start)


def _row(name: str, costs: Sequence[_Cost], base: float) -> dict[str, Any]:
  if not costs:
    return {"command": name, "skipped": _NO_RUN}
  seconds = {
    f"{kind}_seconds": {"median": statistics.median(values), "min": min(values), "max": max(values)}
    for kind, values in (
      ("processor", [cost.processor for cost in costs]),
      ("wall", [cost.wall for cost in costs]),
    )
  }
  return {
    "command": name,
    **seconds,
    "ratio_to_python": seconds["processor_seconds"]["median"] / base,
  }


def table(found: Sequence[Mapping[str, Any]]) -> list[str]:
  """Lines of text, from what `measure` gives."""
  lines = [f"{'command':<28}{'processor s':>12}{'min':>7}{'max':>7}{'wall s':>8}{'pythons':>9}"]
  for row in found:
    if "skipped" in row:
      lines.append(f"{row['command']:<28}  {row['skipped']}")
      continue
    processor = row["processor_seconds"]
    lines.append(
      f"{row['command']:<28}{processor['median']:>12.2f}"
      f"{processor['min']:>7.2f}{processor['max']:>7.2f}"
      f"{row['wall_seconds']['median']:>8.2f}"
      f"{row['ratio_to_python']:>9.0f}"
    )
  return lines
