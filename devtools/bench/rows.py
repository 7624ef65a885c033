"""Rows of the benchmark: photos a second, over repeats, beside a baseline."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.shared.core import progress


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
  """One thing measured.

  Attributes:
    name: of the row.
    rates: photos a second, one for each repeat.
    baseline: the row that it is held against, measured in the same repeats.
    against: other rows of the same repeats that it is held against.
    bound: the row that bounds it.
    details: what else there is to say.
  """

  name: str
  rates: Sequence[float]
  baseline: str | None = None
  against: Sequence[str] = ()
  bound: str | None = None
  details: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def take_turns(
  ways: Mapping[str, Callable[[], float]], repeats: int, label: str
) -> dict[str, list[float]]:
  """Times several ways of doing something, in turns.

  Whatever else the machine does then slows all of them, and the ratio of two
  within one repeat says more than their medians do.

  Args:
    ways: by name, what to time; each returns how many photos it did. Each is
      called once beforehand, untimed.
    repeats: how often each is timed.
    label: for the progress bar.

  Returns:
    Photos a second by name, `repeats` each.
  """
  rates: dict[str, list[float]] = {name: [] for name in ways}
  with progress.bar(label, (1 + repeats) * len(ways), "turn") as bar:
    for repeat in range(1 + repeats):
      for name, way in ways.items():
        start = time.perf_counter()
        photos = way()
        if repeat:
          rates[name].append(photos / (time.perf_counter() - start))
        bar.update()
  return rates


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
  """The rows as `bench.json` has them.

  `ratio` is the median of the ratios to the baseline, repeat by repeat, and
  `fraction_of_bound` that of the medians.
  """
  by_name = {row.name: row for row in rows}
  return [_as_json(row, by_name) for row in rows]


def _as_json(row: Row, by_name: Mapping[str, Row]) -> dict[str, Any]:
  median = statistics.median(row.rates)
  found: dict[str, Any] = {
    "name": row.name,
    "photos_per_second": {"median": median, "min": min(row.rates), "max": max(row.rates)},
  }
  if row.baseline is not None and row.baseline in by_name:
    found["baseline"] = row.baseline
    found["ratio"] = _ratio(row, by_name[row.baseline])
  for other in row.against:
    found[f"ratio_to_{other.rpartition('/')[2]}"] = _ratio(row, by_name[other])
  if row.bound is not None and row.bound in by_name:
    found["bound"] = row.bound
    found["fraction_of_bound"] = median / statistics.median(by_name[row.bound].rates)
  return {**found, **row.details}


def _ratio(row: Row, other: Row) -> float:
  return statistics.median(
    mine / theirs for mine, theirs in zip(row.rates, other.rates, strict=False)
  )


def table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
  """Lines of text, from what `as_json` gives."""
  lines = [f"{'row':<32}{'photos/s':>10}{'min':>9}{'max':>9}{'ratio':>8}{'of bound':>10}  baseline"]
  for row in rows:
    rate = row["photos_per_second"]
    ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
    fraction = f"{row['fraction_of_bound']:.0%}" if "fraction_of_bound" in row else ""
    lines.append(
      f"{row['name']:<32}{rate['median']:>10.1f}"
      f"{rate['min']:>9.1f}{rate['max']:>9.1f}{ratio:>8}"
      f"{fraction:>10}  {row.get('baseline', '')}"
    )
  return lines
