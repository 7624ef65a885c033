"""Every cell of a sweep, each kept as soon as it is there."""

import hashlib
import itertools
import json
import pathlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from components.report import verdict
from components.shared.core import errors, fingerprint, progress
from components.shared.data import examples
from pipeline import commands, run_folder
from pipeline.programs.sweep import cell, curve
from pipeline.programs.sweep import inputs as inputs_lib


def run(
  folder: run_folder.RunFolder,
  attribute: str | None,
  labels: Sequence[int],
  unlabeled: Sequence[int],
  seeds: int,
  faces: int,
) -> Iterator[str]:
  """Climbs the ladder for each number of labels and photos, and each seed.

  Args:
    folder: of a finished run; `sweep/` in it receives the cells, a table and a
      plot.
    attribute: one that the run learned; None for the first.
    labels: numbers of labelled photos.
    unlabeled: numbers of unlabelled ones; none: all that there are.
    seeds: how often each is drawn.
    faces: synthetic faces of each ladder.

  Yields:
    The table, line by line.

  Raises:
    UserError: no finished run, or more labels than it has.
  """
  folder.sweep.mkdir(parents=True, exist_ok=True)
  inputs = inputs_lib.load(folder, attribute)
  table_file = folder.swept(inputs.attribute, inputs.config.source.attributes[0])
  place = table_file.parent
  place.mkdir(exist_ok=True)
  there = len(inputs.splits[examples.LABELED].features)
  _check(labels, there)
  key = _key(inputs, faces)
  cells: list[dict[str, Any]] = []
  wanted = list(itertools.product(labels, unlabeled or [None], range(seeds)))
  with progress.bar("ladders", len(wanted), "ladder") as bar:
    for count, photos, seed in wanted:
      of = "" if photos is None else f"-unlabeled-{photos}"
      path = place / f"labels-{count}{of}-seed-{seed}.json"
      found = _read(path, key)
      if found is None:
        found = {"key": key, **cell.climb(inputs, min(count, there), photos, seed, faces)}
        run_folder.write_text(path, json.dumps(found, indent=1) + "\n")
        bar.write(_line(found), file=sys.stderr)
      cells.append(found)
      bar.update()
  table = curve.table(cells)
  run_folder.write_text(table_file, json.dumps(table, indent=1) + "\n")
  run_folder.write_text(place / "sweep.csv", curve.as_csv(table))
  curve.plot(table, place / "sweep.png")
  judged = len(inputs.splits[examples.HAND_LABELED].features)
  yield from curve.lines(table, inputs.attribute, judged)
  yield verdict.enough_labels(table)
  yield f"Written to {place}: sweep.csv, sweep.json and sweep.png"
  yield f"In the run's report with: {commands.on_run(folder, 'report')}"


def _check(labels: Sequence[int], there: int) -> None:
  # The sample's 100 labelled photos are 99, for one has no label.
  if max(labels) > 1.05 * there:
    raise errors.UserError(
      f"--labels {max(labels)}: this run has {there} labelled photos; make "
      "one with more (splits.max_labeled), or ask for fewer"
    )


def _key(inputs: inputs_lib.Inputs, faces: int) -> str:
  """Changes with everything that a cell comes of, but labels and seed."""
  config = inputs.config
  return hashlib.sha256(
    repr(
      (
        inputs.names(),
        inputs.attribute,
        config.direction,
        config.synthetic,
        config.label_filter,
        config.classifier,
        faces,
        fingerprint.of_modules(cell.__name__),
      )
    ).encode()
  ).hexdigest()[:16]


def _read(path: pathlib.Path, key: str) -> dict[str, Any] | None:
  """A cell that is there and is of this sweep."""
  try:
    found = json.loads(path.read_text(encoding="utf-8"))
  except FileNotFoundError:
    return None
  return found if found["key"] == key else None


def _line(found: dict[str, Any]) -> str:
  steps = "  ".join(
    f"{step} {found['ladder'][step]['auc']:.3f}"
    for step in ("labeled_only", "labeled_self_training", "synthetic_only", "semi_supervised")
  )
  warning = found["direction_warning"]
  return (
    f"    {found['labels']} labels, {found['unlabeled']} unlabelled, "
    f"seed {found['seed']}, AUC: {steps}" + (f"; {warning}" if warning else "")
  )
