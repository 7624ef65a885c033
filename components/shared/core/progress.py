"""Progress bars on standard error, for work that takes more than a moment."""

import logging
import sys

import tqdm


def bar(label: str, total: int | None, unit: str) -> tqdm.tqdm:
  """A progress bar; silent when standard error is not a terminal's equal.

  Args:
    label: what is being done, a word or two.
    total: how many units there are, or None where that is not known.
    unit: what is counted, in the singular ("photo", "step").
  """
  return tqdm.tqdm(
    desc=f"    {label}",
    total=total,
    unit=f" {unit}",
    file=sys.stderr,
    mininterval=1 if sys.stderr.isatty() else 15,
    leave=False,
    ascii=" =",
  )


def note(text: str) -> None:
  """A line for the person who watches, also in the log."""
  logging.info("%s", text)
  print(f"        {text}", file=sys.stderr, flush=True)
