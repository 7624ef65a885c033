"""Holds what models were used on against what they were validated on."""

import collections
import dataclasses
import datetime
import itertools
import json
import math
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import jinja2
import numpy as np

from components.shared.core import errors
from components.shared.learning import monitoring
from pipeline import run_folder
from pipeline.programs.monitoring import comparison
from pipeline.programs.monitoring import log as log_lib

_MONDAY = datetime.datetime(1970, 1, 5, tzinfo=datetime.timezone.utc)
"""Windows of 7 days begin with it."""
_TEMPLATES = pathlib.Path(__file__).parent / "templates"


@dataclasses.dataclass(frozen=True, eq=False)
class Window:
  """Some days of one model's use.

  Attributes:
    start: its first day.
    model: number of the version.
    calls: how many.
    photos: how many.
    failed: photos without a prediction, by reason.
    faces: how many.
    shift: distance of the embeddings' mean from the baseline's, root mean
      square over their values, in deviations; None where too few are known.
    comparisons: with the baseline; empty where there are too few faces.
    counts: of its faces.
    baseline: what they are held against.
  """

  start: datetime.date
  model: int
  calls: int
  photos: int
  failed: dict[str, int]
  faces: int
  shift: float | None
  comparisons: list[comparison.Comparison]
  counts: np.ndarray
  baseline: monitoring.Baseline

  @property
  def moved(self) -> list[comparison.Comparison]:
    """What has, the farthest first."""
    return sorted((c for c in self.comparisons if c.moved), key=lambda c: -c.distance / c.bound)


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
  """What a log says.

  Attributes:
    windows: by time, and then by model.
    judged: those that say whether all is quiet: of the newest day of which
      there are enough faces.
    since: the first day of those without a break on which it had moved, by
      model, slice and figure of what has moved in those judged.
    left_out: calls that can't be held against anything, and why; a line each.
    page: the file.
  """

  windows: list[Window]
  judged: list[Window]
  since: dict[tuple[int, str, str], datetime.date]
  left_out: list[str]
  page: pathlib.Path

  @property
  def alarm(self) -> bool:
    """Whether something has moved."""
    return bool(self.since)


def run(folder: run_folder.RunFolder, log: pathlib.Path, days: int) -> Found:
  """Compares, and writes the page.

  Args:
    folder: of the run whose models were used.
    log: as `predict --log` writes it.
    days: of a window.

  Raises:
    UserError: there is no log, a damaged one, no baseline for any of it, or
      too few faces in every window.
  """
  calls: dict[tuple[datetime.date, int], list[log_lib.Call]] = collections.defaultdict(list)
  baselines: dict[int, monitoring.Baseline | None] = {}
  left_out: collections.Counter[str] = collections.Counter()
  for call in log_lib.read(log):
    if call.model not in baselines:
      baselines[call.model] = _baseline(folder, call.model, left_out)
    baseline = baselines[call.model]
    if baseline is None:
      continue
    if baseline.key != call.baseline or baseline.counts.shape != call.counts.shape:
      left_out[f"another model than this run's {call.model} made them"] += 1
      continue
    calls[_start(call.time, days), call.model].append(call)
  notes = [f"{reason}: {count} call(s)" if count else reason for reason, count in left_out.items()]
  if not calls:
    raise errors.UserError(f"{log}: nothing here can be compared; {'; '.join(notes)}")
  windows: list[Window] = []
  for (start, model), of_window in sorted(calls.items()):
    baseline = baselines[model]
    assert baseline is not None
    before = next((w for w in reversed(windows) if w.model == model), None)
    windows.append(_window(start, model, of_window, baseline, before))
  enough = [window for window in windows if window.comparisons]
  if not enough:
    raise errors.UserError(
      f"{log}: no window has {comparison.FEWEST} faces, which is too few to tell anything; use "
      "the model more, or make the windows longer with --days"
    )
  judged = [window for window in enough if window.start == enough[-1].start]
  since = {
    (window.model, moved.slice, moved.feature): _since(enough, window, moved)
    for window in judged
    for moved in window.moved
  }
  found = Found(windows, judged, since, notes, folder.path / "monitoring" / "index.html")
  found.page.parent.mkdir(parents=True, exist_ok=True)
  run_folder.write_text(found.page, _page(found, folder.path.name))
  return found


def _baseline(
  folder: run_folder.RunFolder, model: int, left_out: collections.Counter[str]
) -> monitoring.Baseline | None:
  path = folder.pushed / str(model)
  if not path.is_dir():
    left_out[f"{path}: the folder of the model that was used is gone"] += 0
    return None
  try:
    return monitoring.read(path)
  except errors.UserError as error:
    left_out[str(error)] += 0
    return None


def _start(time: datetime.datetime, days: int) -> datetime.date:
  whole = (time - _MONDAY) // datetime.timedelta(days=days)
  return (_MONDAY + whole * datetime.timedelta(days=days)).date()


def _window(
  start: datetime.date,
  model: int,
  calls: Sequence[log_lib.Call],
  baseline: monitoring.Baseline,
  before: Window | None,
) -> Window:
  counts = sum(call.counts for call in calls)
  failed: collections.Counter[str] = collections.Counter()
  for call in calls:
    failed.update(call.failed)
  return Window(
    start=start,
    model=model,
    calls=len(calls),
    photos=sum(call.photos for call in calls),
    failed=dict(failed),
    faces=int(counts[0, 0].sum()),
    shift=_shift(calls),
    comparisons=comparison.compare(
      baseline.slices,
      baseline.features,
      baseline.counts,
      counts,
      None if before is None else before.counts,
    ),
    counts=counts,
    baseline=baseline,
  )


def _shift(calls: Sequence[log_lib.Call]) -> float | None:
  known = [call.moments for call in calls if call.moments]
  if not known:
    return None
  faces = [moments["faces"] for moments in known]
  mean = np.average([moments["mean"] for moments in known], axis=0, weights=faces)
  return float(np.sqrt(np.mean(np.square(mean))))


def _since(
  windows: Sequence[Window], judged: Window, moved: comparison.Comparison
) -> datetime.date:
  since = judged.start
  for window in reversed([w for w in windows if w.start < judged.start]):
    if not any(
      (other.slice, other.feature) == (moved.slice, moved.feature) for other in window.moved
    ):
      break
    since = window.start
  return since


def lines(found: Found) -> Iterator[str]:
  """What is printed for people."""
  yield from found.left_out
  for window in found.judged:
    faces = f"{window.start}, model {window.model}, {window.faces} faces"
    if not window.moved:
      yield f"quiet: {faces}; {len(window.comparisons)} figures are as they were"
      continue
    yield f"ALARM: {faces}; {len(window.moved)} of {len(window.comparisons)} figures have moved"
    for moved in window.moved:
      yield (
        f"  {moved.feature} ({moved.slice}): distance {moved.distance:.2f}, bound "
        f"{moved.bound:g}, p {moved.p:.1g}, since {_since_of(found, window, moved)}"
      )
  yield f"Look at {found.page}"


def _since_of(found: Found, window: Window, moved: comparison.Comparison) -> datetime.date:
  return found.since[window.model, moved.slice, moved.feature]


def as_json(found: Found) -> Iterator[str]:
  """One JSON object, for alerting."""
  yield json.dumps(
    {
      "alarm": found.alarm,
      "moved": [
        {"model": window.model, "since": str(_since_of(found, window, moved)), **_object(moved)}
        for window in found.judged
        for moved in window.moved
      ],
      "windows": [
        {
          "start": str(window.start),
          "model": window.model,
          "calls": window.calls,
          "photos": window.photos,
          "faces": window.faces,
          "failed": window.failed,
          "shift": window.shift,
          "judged": window in found.judged,
          "compared": len(window.comparisons),
          "moved": [_object(moved) for moved in window.moved],
        }
        for window in found.windows
      ],
      "left_out": found.left_out,
      "page": str(found.page),
    },
    indent=2,
  )


def _object(moved: comparison.Comparison) -> dict[str, Any]:
  return {name: value for name, value in dataclasses.asdict(moved).items() if name != "moved"}


def _page(found: Found, name: str) -> str:
  environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
  )
  return environment.get_template("monitoring.html.j2").render(
    name=name, found=found, shares=_shares, since=_since_of, alpha=comparison.ALPHA
  )


def _shares(window: Window, moved: comparison.Comparison) -> list[tuple[str, float, float]]:
  """Of each bin that a figure needs: what is in it, the share of the baseline's
  faces and that of the window's, percent."""
  s = window.baseline.slices.index(moved.slice)
  f = window.baseline.features.index(moved.feature)
  edges = [-math.inf, *window.baseline.edges[f][np.isfinite(window.baseline.edges[f])], math.inf]
  return [
    (
      f"{low:.4g} to {high:.4g}",
      100 * float(window.baseline.counts[s, f, place] / window.baseline.counts[s, f].sum()),
      100 * float(window.counts[s, f, place] / window.counts[s, f].sum()),
    )
    for place, (low, high) in enumerate(itertools.pairwise(edges))
  ]
