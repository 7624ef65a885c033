"""Few photos and many: what each costs should not grow, nor should memory.

The executors are those of the DAG, with the parameters and the Beam options
that a run gives them: FaceExampleGen, StatisticsGen, FaceEmbedder with the
engine that is the fastest here, and Transform.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from components.shared.core import progress
from devtools.bench import load_inputs, rows
from pipeline import config as config_lib
from pipeline import memory

COMPONENTS = ("face_example_gen", "statistics", "face_embedder", "transform")
"""In the order in which photos go through them."""
NODES = {
  "face_example_gen": "FaceExampleGen",
  "statistics": "FaceStatistics",
  "face_embedder": "RealFaceEmbedder",
  "transform": "Transform",
}
"""What the DAG calls them."""
_MOST = 50_000
_STARTS = 3
_TELLABLE = 5
"""Times what the start-up's processor seconds vary by in a turn."""


class Turn(NamedTuple):
  """What a process found; seconds are medians.

  Attributes:
    start_up: seconds that `FEW` photos take.
    start_up_varies: by so many seconds of all processors together, at most.
    seconds: that the other photos take.
    processor_seconds: that all processors together take for those.
    peak_bytes: of memory, when the photos had been through once.
  """

  start_up: float
  start_up_varies: float
  seconds: float
  processor_seconds: float
  peak_bytes: int


def measure(
  photos: Sequence[bytes], counts: Mapping[str, Sequence[int]], repeats: int, pairs: int
) -> list[rows.Row]:
  """Rows `load/<component>/<photos>`, the first of a component the baseline.

  Each turn is a process of its own. What a component takes to start, which it
  takes for `FEW` photos, is part of the rate and not of a photo's cost. Costs
  are compared in seconds of the processors, which other work on the machine
  changes least; where the photos' share is lost in the start's, nothing is
  said of it.

  Args:
    photos: the sample's, which are repeated under distinct names.
    counts: how many photos each of the components is given, in order.
    repeats: how many turns each has.
    pairs: how often a turn measures the start and the photos; of many photos
      it does as few as come to `_MOST`.

  Returns:
    Rows with `start_up_seconds`; `peak_rss_bytes`, the largest of the turns;
    `ratio_of_memory`, to that of the first count; and, where it can be told,
    `seconds_per_photo`, `processor_seconds_per_photo` and `ratio_of_cost`, to
    that of the first row that has one.
  """
  with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    load_inputs.prepare(root, photos, counts)
    order = [(component, count) for component in COMPONENTS for count in counts.get(component, ())]
    found: dict[tuple[str, int], list[Turn]] = {each: [] for each in order}
    with progress.bar("bench load", repeats * len(order), "turn") as bar:
      for _ in range(repeats):
        for component, count in order:
          times = max(1, min(pairs, _MOST // count))
          found[component, count].append(_in_own_process(root, component, count, times))
          bar.update()
  return [
    row
    for component in COMPONENTS
    if component in counts
    for row in of_component(
      component, {count: found[component, count] for count in counts[component]}
    )
  ]


def of_component(component: str, found: Mapping[int, Sequence[Turn]]) -> list[rows.Row]:
  """Rows of a component, from its turns by how many photos they had."""
  names = {count: f"load/{component}/{count}" for count in found}
  peaks = {count: max(turn.peak_bytes for turn in turns) for count, turns in found.items()}
  first, *_ = found
  costs: dict[str, float] = {}
  made = []
  for count, turns in found.items():

    def median(name: str, turns=turns) -> float:
      return statistics.median(getattr(turn, name) for turn in turns)

    details: dict[str, Any] = {
      "start_up_seconds": median("start_up"),
      "peak_rss_bytes": peaks[count],
      "ratio_of_memory": peaks[count] / peaks[first],
    }
    used = median("processor_seconds")
    if used >= _TELLABLE * median("start_up_varies"):
      cost = costs[names[count]] = used / (count - load_inputs.FEW)
      baseline = next(iter(costs))
      details.update(
        seconds_per_photo=median("seconds") / (count - load_inputs.FEW),
        processor_seconds_per_photo=cost,
        cost_baseline=baseline,
        ratio_of_cost=cost / costs[baseline],
      )
    made.append(
      rows.Row(
        name=names[count],
        details=details,
        rates=[count / (turn.start_up + turn.seconds) for turn in turns],
        baseline=names[first] if count != first else None,
      )
    )
  return made


def table(found: Sequence[Mapping[str, Any]]) -> list[str]:
  """Lines of text, from what `rows.as_json` gives; none without such rows."""
  lines = []
  for row in found:
    if not row["name"].startswith("load/"):
      continue
    cost = "          in the start's noise      "
    if "ratio_of_cost" in row:
      cost = (
        f"{1e3 * row['seconds_per_photo']:>10.2f}"
        f"{1e3 * row['processor_seconds_per_photo']:>14.2f}"
        f"{row['ratio_of_cost']:>12.2f}"
      )
    lines.append(
      f"{row['name']:<32}{row['start_up_seconds']:>8.1f}{cost:<36}"
      f"{row['peak_rss_bytes'] / 1e6:>9.0f}"
      f"{row['ratio_of_memory']:>9.2f}"
    )
  head = (
    f"{'row':<32}{'start s':>8}{'ms/photo':>10}{'processor ms':>14}"
    f"{'of baseline':>12}{'peak MB':>9}{'ratio':>9}"
  )
  return [head, *lines] if lines else []


def _in_own_process(root: pathlib.Path, component: str, count: int, times: int) -> Turn:
  done = subprocess.run(
    [sys.executable, "-m", __name__, str(root), component, str(count), str(times)],
    check=False,
    capture_output=True,
    text=True,
  )
  if done.returncode:
    raise RuntimeError(f"{component}: {done.stderr[-2000:]}")
  return Turn(**json.loads(done.stdout.splitlines()[-1]))


def _main(root: pathlib.Path, component: str, count: int, times: int) -> None:
  from devtools.bench import node as node_lib

  def node(name: str, photos: int) -> node_lib.Node:
    return node_lib.Node(
      config_lib.with_values(
        config_lib.Config(),
        {
          "source.path": str(root / f"photos-{photos}"),
          "source.attributes": [load_inputs.ATTRIBUTE],
          "splits.max_labeled": load_inputs.LABELED,
        },
      ),
      name,
      (load_inputs.OTHER,),
    )

  def run(photos: int) -> tuple[float, float]:
    processor = time.process_time()
    seconds = of[photos].run(
      load_inputs.of(root, component, photos), root / f"{component}-{photos}"
    )
    return seconds, time.process_time() - processor

  of = {photos: node(NODES[component], photos) for photos in (load_inputs.FEW, count)}
  kind = "Embedding" if component == "transform" else "Face"
  node(f"{kind}Schema", load_inputs.FEW).run({}, root / f"{kind}-schema")
  run(load_inputs.FEW)  # Imports and first calls.
  starts, wholes, peak = [], [], None
  for turn in range(max(times, _STARTS)):
    starts.append(run(load_inputs.FEW))
    if turn < times:
      wholes.append(run(count))
      peak = peak or memory.peak_bytes()
  (start_up, start_processor), (seconds, processor_seconds) = (
    tuple(map(statistics.median, zip(*found, strict=True))) for found in (starts, wholes)
  )
  processors = [processor for _, processor in starts]
  print(
    json.dumps(
      Turn(
        start_up=start_up,
        start_up_varies=max(processors) - min(processors),
        seconds=seconds - start_up,
        processor_seconds=processor_seconds - start_processor,
        peak_bytes=peak,
      )._asdict()
    )
  )


if __name__ == "__main__":
  _main(pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
