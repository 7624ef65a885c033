"""Progress bars on standard error, for work that takes more than a moment."""

import logging
import sys
from typing import Optional

import apache_beam as beam
import tqdm


def bar(label: str, total: Optional[int], unit: str) -> tqdm.tqdm:
  """A progress bar; silent when standard error is not a terminal's equal.

  Args:
    label: what is being done, a word or two.
    total: how many units there are, or None where that is not known.
    unit: what is counted, in the singular ("photo", "step").
  """
  return tqdm.tqdm(
      desc=f"    {label}", total=total, unit=f" {unit}", file=sys.stderr,
      mininterval=1 if sys.stderr.isatty() else 15, leave=False, ascii=" =")


def note(text: str) -> None:
  """A line for the person who watches, also in the log."""
  logging.info("%s", text)
  print(f"        {text}", file=sys.stderr, flush=True)


class CountElements(beam.PTransform):
  """Passes elements through unchanged and shows how many have gone by.

  Every worker process shows its own count.
  """

  def __init__(self, label: str, total: Optional[int] = None,
               unit: str = "photo"):
    super().__init__()
    self._dofn = _CountDoFn(label, total, unit)

  def expand(self, elements):
    return elements | beam.ParDo(self._dofn)


class _CountDoFn(beam.DoFn):

  def __init__(self, label: str, total: Optional[int], unit: str):
    self._arguments = (label, total, unit)
    self._bar = None

  def setup(self):
    self._bar = bar(*self._arguments)

  def process(self, element):
    self._bar.update()
    yield element

  def teardown(self):
    if self._bar is not None:
      self._bar.close()
