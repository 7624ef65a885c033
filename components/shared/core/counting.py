"""A progress bar of the elements that pass through Beam."""

import apache_beam as beam

from components.shared.core import progress


class CountElements(beam.PTransform):
  """Passes elements through unchanged and shows how many have gone by.

  Every worker process shows its own count.
  """

  def __init__(self, label: str, total: int | None = None, unit: str = "photo"):
    super().__init__()
    self._dofn = _CountDoFn(label, total, unit)

  def expand(self, elements):
    return elements | beam.ParDo(self._dofn)


class _CountDoFn(beam.DoFn):
  def __init__(self, label: str, total: int | None, unit: str):
    self._arguments = (label, total, unit)
    self._bar = None

  def setup(self):
    self._bar = progress.bar(*self._arguments)

  def process(self, element):
    self._bar.update()
    yield element

  def teardown(self):
    if self._bar is not None:
      self._bar.close()
