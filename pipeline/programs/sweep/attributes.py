"""Every annotation that a run's source has: the ladder of each, on the same photos.

Photos, embeddings and generator are the run's, and so is the choice of the photos
that teach and of those that judge. An annotation is left out, with the reason,
where it can't be learned or judged.
"""

import csv
import dataclasses
import hashlib
import io
import json
import pathlib
import sys
import urllib.parse
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib import figure as figure_lib

from components.shared.core import errors, fingerprint, progress
from components.shared.data import embeddings, examples, splits
from components.shared.learning import steps
from pipeline import run_folder
from pipeline.programs.sweep import cell, learned
from pipeline.programs.sweep import inputs as inputs_lib

_OF_RECORDS = frozenset((examples.IMAGE_ID, examples.DOMAIN, examples.FOLD, examples.DISTANCE))
_COLORS = {"labeled_only": "#1f77b4", "semi_supervised": "#ff7f0e", steps.CEILING: "#999999"}

matplotlib.rcdefaults()  # A matplotlibrc is about other figures.


def run(folder: run_folder.RunFolder, seeds: int, faces: int) -> Iterator[str]:
  """Climbs the ladder for each annotation, and each seed of the synthetic faces.

  Args:
    folder: of a finished run; `sweep/all/` in it receives the ladders, a table
      and a plot.
    seeds: ladders of each annotation.
    faces: synthetic faces of each ladder.

  Yields:
    The table, line by line.

  Raises:
    UserError: no finished run, or no annotation that can be learned.
  """
  place = folder.sweep / learned.ALL
  place.mkdir(parents=True, exist_ok=True)
  inputs = inputs_lib.load(folder, None)
  names = annotations(inputs)
  key = _key(inputs, faces)
  found: dict[str, list[dict[str, Any]]] = {}
  with progress.bar("ladders", len(names) * seeds, "ladder") as bar:
    for name in names:
      mine = of_annotation(inputs, name)
      problem = _problem(mine)
      if problem:
        bar.update(seeds)
        bar.write(f"    {name}: left out: {problem}", file=sys.stderr)
        continue
      labels = len(mine.splits[examples.LABELED].features)
      for seed in range(seeds):
        path = place / f"{urllib.parse.quote(name, safe='')}-seed-{seed}.json"
        climbed = _read(path, key)
        if climbed is None:
          climbed = {"key": key, **cell.climb(mine, labels, None, seed, faces)}
          run_folder.write_text(path, json.dumps(climbed, indent=1) + "\n")
        found.setdefault(name, []).append(climbed)
        bar.update()
  if not found:
    raise errors.UserError(f"{folder.path}: no annotation of its source can be learned and judged")
  rows = table(found)
  run_folder.write_text(place / "attributes.json", json.dumps(rows, indent=1) + "\n")
  run_folder.write_text(place / "attributes.csv", _csv(rows))
  _plot(rows, place / "attributes.png")
  yield from _lines(rows)
  yield f"Written to {place}: attributes.csv, attributes.json and attributes.png"


def annotations(inputs: inputs_lib.Inputs) -> list[str]:
  """The learned attributes, and all other annotations that photos have."""
  own = list(inputs.config.source.attributes)
  taken = {*_OF_RECORDS, *(examples.label(name) for name in own)}
  taken.update(examples.held_out_label(name) for name in own)
  others = {
    name for split in inputs.splits.values() for row in split.features for name in row
  } - taken
  return [*own, *sorted(others - set(own))]


def of_annotation(inputs: inputs_lib.Inputs, name: str) -> inputs_lib.Inputs:
  """A run as if it had learned another annotation; photos that lack it can
  neither teach nor judge."""
  if name in inputs.config.source.attributes:
    return dataclasses.replace(inputs, attribute=name)
  known = {}
  for split, label in (
    (examples.HAND_LABELED, examples.label(name)),
    (examples.LABELED, examples.label(name)),
    (examples.UNLABELED, examples.held_out_label(name)),
  ):
    part = inputs.splits[split]
    values = part.annotation(name)
    known[split] = embeddings.Embedded(
      part.embeddings,
      [
        {**row, label: int(value)} if value != embeddings.UNKNOWN else row
        for row, value in zip(part.features, values, strict=True)
      ],
    )
    if split != examples.UNLABELED:
      known[split] = known[split].rows(values != embeddings.UNKNOWN)
  return dataclasses.replace(inputs, attribute=name, splits=known)


def _problem(inputs: inputs_lib.Inputs) -> str:
  """Why an annotation can't be learned or judged, or ""."""
  for split, least in ((examples.LABELED, splits.MIN_PER_CLASS), (examples.HAND_LABELED, 1)):
    labels = inputs.splits[split].annotation(examples.label(inputs.attribute))
    for value in (0, 1):
      count = int((labels == value).sum())
      if count < least:
        return f"{count} photos of `{split}` have {inputs.attribute} = {value}, {least} are needed"
  return ""


def table(found: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
  """A row for each annotation: `attribute`, `labels`, and by step `auc`, the mean over
  seeds, and `low` and `high`, the ends of its 95% interval over photos."""
  rows = []
  for name, cells in found.items():
    by_step = {}
    for step in cells[0]["ladder"]:
      values = [one["ladder"][step] for one in cells]
      by_step[step] = {
        "auc": float(np.mean([value["auc"] for value in values])),
        "low": float(np.mean([value["auc_ci95"][0] for value in values])),
        "high": float(np.mean([value["auc_ci95"][1] for value in values])),
      }
    rows.append({"attribute": name, "labels": cells[0]["labels"], "steps": by_step})
  return rows


def _lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
  shown = [step for step in steps.STEPS if any(step in row["steps"] for row in rows)]
  width = max(len(row["attribute"]) for row in rows)
  yield f"AUC of {len(rows)} annotations, on the photos that judge"
  yield ""
  yield f"  {'':<{width}}  " + "  ".join(f"{step:<21}" for step in shown)
  for row in rows:
    yield f"  {row['attribute']:<{width}}  " + "  ".join(
      f"{_figure(row['steps'].get(step)):<21}" for step in shown
    )
  for label, of in (("mean", np.mean), ("worst", np.min)):
    values = [[row["steps"][step]["auc"] for row in rows if step in row["steps"]] for step in shown]
    yield f"  {label:<{width}}  " + "  ".join(f"{of(value):<21.3f}" for value in values)
  yield ""
  gains = {
    row["attribute"]: row["steps"][steps.WITH_SYNTHESIS]["auc"]
    - row["steps"]["labeled_only"]["auc"]
    for row in rows
  }
  best, worst = max(gains, key=gains.__getitem__), min(gains, key=gains.__getitem__)
  yield (
    f"{steps.WITH_SYNTHESIS} less labeled_only: mean {np.mean(list(gains.values())):+.4f}, best "
    f"{gains[best]:+.3f} ({best}), worst {gains[worst]:+.3f} ({worst})"
  )


def _figure(value: dict[str, float] | None) -> str:
  return "" if value is None else f"{value['auc']:.3f} [{value['low']:.2f}, {value['high']:.2f}]"


def _csv(rows: Sequence[dict[str, Any]]) -> str:
  text = io.StringIO()
  writer = csv.writer(text, lineterminator="\n")
  writer.writerow(["attribute", "labels", "step", "auc", "low", "high"])
  writer.writerows(
    [row["attribute"], row["labels"], step, *(f"{value:.6f}" for value in figure.values())]
    for row in rows
    for step, figure in row["steps"].items()
  )
  return text.getvalue()


def _plot(rows: Sequence[dict[str, Any]], path: pathlib.Path) -> None:
  """A line an annotation: its AUC with labels alone, as pushed, and at most."""
  figure = figure_lib.Figure(figsize=(8, 1.5 + 0.32 * len(rows)), layout="constrained")
  axes = figure.subplots()
  ordered = sorted(rows, key=lambda row: row["steps"]["labeled_only"]["auc"])
  for offset, (step, color) in zip((-0.2, 0.0, 0.2), _COLORS.items(), strict=True):
    there = [(at, row["steps"][step]) for at, row in enumerate(ordered) if step in row["steps"]]
    if there:
      places, values = zip(*there, strict=True)
      centre = np.array([value["auc"] for value in values])
      ends = [
        centre - [value["low"] for value in values],
        np.array([value["high"] for value in values]) - centre,
      ]
      axes.errorbar(
        centre,
        np.array(places) + offset,
        xerr=np.maximum(ends, 0),
        fmt="o",
        markersize=4,
        color=color,
        linewidth=1,
        label=step,
      )
  axes.set_yticks(range(len(ordered)), [row["attribute"] for row in ordered])
  axes.set_xlabel("AUC on the photos that judge, 95% interval")
  axes.grid(axis="x", alpha=0.3)
  axes.legend(loc="lower right", fontsize="small")
  buffer = io.BytesIO()
  figure.savefig(buffer, dpi=120, format="png")
  run_folder.write_bytes(path, buffer.getvalue())


def _key(inputs: inputs_lib.Inputs, faces: int) -> str:
  config = inputs.config
  parts = (
    inputs.names(),
    config.direction,
    config.synthetic,
    config.label_filter,
    config.classifier,
    faces,
    fingerprint.of_modules(cell.__name__),
  )
  return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _read(path: pathlib.Path, key: str) -> dict[str, Any] | None:
  """A ladder that is there and is of this sweep."""
  try:
    found = json.loads(path.read_text(encoding="utf-8"))
  except (FileNotFoundError, ValueError):
    return None
  return found if found.get("key") == key else None
