"""What a person sees of work that takes more than a moment, on standard error:
progress bars on a terminal, at most a line a minute elsewhere."""

import logging
import re
import sys
import time
from typing import Any

import tqdm

SECONDS = 60.0
"""Between two lines where there is no terminal."""
_LINE = "{desc}: {n_fmt} of {total_fmt}{unit}, {elapsed} so far, {remaining} left"

_said = 0.0


def bar(label: str, total: int | None, unit: str) -> tqdm.tqdm:
  """A progress bar; lines of text where standard error is no terminal.

  Args:
    label: what is being done, a word or two.
    total: how many units there are, or None where that is not known.
    unit: what is counted, in the singular ("photo", "step").
  """
  terminal = sys.stderr.isatty()
  return tqdm.tqdm(
    desc=f"    {label}",
    total=total,
    unit=f" {unit}",
    file=sys.stderr if terminal else _Lines(),
    mininterval=1 if terminal else SECONDS,
    delay=0 if terminal else SECONDS,
    bar_format=None if terminal or total is None else _LINE,
    leave=False,
    ascii=" =",
  )


def note(text: str) -> None:
  """A line for the person who watches, also in the log."""
  logging.info("%s", text)
  line(f"        {text}")


def line(text: str) -> None:
  """A line for the person who watches."""
  global _said
  _said = time.monotonic()
  print(text, file=sys.stderr, flush=True)


def silent_for() -> float:
  """Seconds since there was a line."""
  return time.monotonic() - _said


class _Lines:
  """Standard error for a bar: what would be drawn over becomes a line."""

  def write(self, text: str) -> None:
    """Writes what tqdm draws, if it can be read."""
    text = re.sub(r"\x1b\[\w+", "", text).replace("\r", "").rstrip()
    if text:
      line(text)

  def flush(self) -> None:
    """Every line is flushed."""

  def __getattr__(self, name: str) -> Any:
    return getattr(sys.stderr, name)
