"""The label-efficiency curve: means over seeds, with intervals."""

import csv
import io
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib import figure as figure_lib
from scipy import stats

from components.shared.learning import steps
from pipeline import run_folder

matplotlib.rcdefaults()  # A matplotlibrc is about other figures.

_METRICS = ("accuracy", "auc")
_SHOWN = (
  "labeled_only",
  "labeled_self_training",
  "synthetic_only",
  "synthetic_student",
  "semi_supervised",
  "ceiling",
)


def table(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
  """A row for each number of labels and of unlabelled photos, and each step.

  Args:
    cells: of `cell.climb`.

  Returns:
    `labels`, `unlabeled`, `step`, `seeds`, and for accuracy and AUC their `mean` and the
    95% interval of the mean over seeds (Student's t), `low` and `high`. The
    step `gain` is that of the synthetic faces: the step with them less the
    step without, seed by seed.
  """
  rows = []
  for numbers in sorted({_numbers(cell) for cell in cells}):
    mine = [cell["ladder"] for cell in cells if _numbers(cell) == numbers]
    for step in _SHOWN:
      if all(step in ladder for ladder in mine):
        rows.append(
          _row(
            numbers,
            step,
            [{metric: ladder[step][metric] for metric in _METRICS} for ladder in mine],
          )
        )
    rows.append(
      _row(
        numbers,
        "gain",
        [
          {
            metric: (ladder[steps.WITH_SYNTHESIS][metric] - ladder[steps.WITHOUT_SYNTHESIS][metric])
            for metric in _METRICS
          }
          for ladder in mine
        ],
      )
    )
  return rows


def _numbers(cell: dict[str, Any]) -> tuple[int, int]:
  return cell["labels"], cell["unlabeled"]


def _row(numbers: tuple[int, int], step: str, values: Sequence[dict[str, float]]) -> dict[str, Any]:
  labels, unlabeled = numbers
  row: dict[str, Any] = {
    "labels": labels,
    "unlabeled": unlabeled,
    "step": step,
    "seeds": len(values),
  }
  for metric in _METRICS:
    row[metric] = interval([value[metric] for value in values])
  return row


def interval(values: Sequence[float]) -> dict[str, float]:
  """Mean of values, and its 95% interval after Student."""
  mean = float(np.mean(values))
  half = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
  return {"mean": mean, "low": mean - half, "high": mean + half}


def lines(rows: Sequence[dict[str, Any]], attribute: str, judged: int) -> Iterator[str]:
  """The table for people, and what it says of the synthetic faces."""
  yield (
    f"The {attribute} annotation on {judged} hand-labelled photos: means "
    "over seeds, 95% intervals of the mean"
  )
  yield ""
  yield (f"  {'labels':>6}  {'unlabelled':>10}  {'step':<22}  {'accuracy':<20}  AUC")
  for row in rows:
    if row["step"] == "gain":
      continue
    yield (
      f"  {row['labels']:>6}  {row['unlabeled']:>10}  "
      f"{row['step']:<22}  "
      f"{_shown(row['accuracy'])}  {_shown(row['auc'])}"
    )
  yield ""
  for row in rows:
    if row["step"] == "gain":
      yield _verdict(row)


def _shown(figure: dict[str, float]) -> str:
  low, high = max(0.0, figure["low"]), min(1.0, figure["high"])
  return f"{figure['mean']:.3f} [{low:.3f}, {high:.3f}]"


def _verdict(row: dict[str, Any]) -> str:
  gain = row["auc"]
  found = "can't be told from chance"
  if gain["low"] > 0:
    found = "they help"
  elif gain["high"] < 0:
    found = "they harm"
  return (
    f"With {row['labels']} labels and {row['unlabeled']} unlabelled "
    "photos synthetic faces change the AUC by "
    f"{gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]: "
    f"{found}."
  )


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
  """The table as a CSV file's text."""
  buffer = io.StringIO()
  writer = csv.writer(buffer, lineterminator="\n")
  parts = ("mean", "low", "high")
  writer.writerow(
    [
      "labels",
      "unlabeled",
      "step",
      "seeds",
      *(f"{metric}_{part}" for metric in _METRICS for part in parts),
    ]
  )
  for row in rows:
    writer.writerow(
      [
        row["labels"],
        row["unlabeled"],
        row["step"],
        row["seeds"],
        *(f"{row[metric][part]:.6f}" for metric in _METRICS for part in parts),
      ]
    )
  return buffer.getvalue()


def plot(rows: Sequence[dict[str, Any]], path: pathlib.Path) -> None:
  """Draws accuracy and AUC, a line a step.

  Against the number of labels; against that of unlabelled photos where it was
  varied by itself, with a row of charts for each number of labels.
  """
  labels = sorted({row["labels"] for row in rows})
  numbers = {(row["labels"], row["unlabeled"]) for row in rows}
  varied = len(numbers) > len(labels)
  charts = (
    [
      ("unlabeled", f", {count} labels", [row for row in rows if row["labels"] == count])
      for count in labels
    ]
    if varied
    else [("labels", "", rows)]
  )
  figure = figure_lib.Figure(figsize=(11, 4.6 * len(charts)), layout="constrained")
  grid = figure.subplots(len(charts), len(_METRICS), squeeze=False)
  for line, (number, title, mine) in zip(grid, charts, strict=True):
    for axes, metric in zip(line, _METRICS, strict=True):
      _draw(axes, mine, number, metric)
      axes.set_title({"accuracy": "accuracy", "auc": "AUC"}[metric] + title)
  grid[0, -1].legend(fontsize="small")
  buffer = io.BytesIO()
  figure.savefig(buffer, dpi=120, format="png")
  run_folder.write_bytes(path, buffer.getvalue())


def _draw(axes: Any, rows: Sequence[dict[str, Any]], number: str, metric: str) -> None:
  """Lines and their intervals against a number of photos."""
  for step in _SHOWN:
    mine = [row for row in rows if row["step"] == step]
    counts = [row[number] for row in mine]
    (line,) = axes.plot(counts, [row[metric]["mean"] for row in mine], "o-", label=step)
    axes.fill_between(
      counts,
      [row[metric]["low"] for row in mine],
      [min(1.0, row[metric]["high"]) for row in mine],
      color=line.get_color(),
      alpha=0.15,
    )
  axes.set_xscale("log")
  ticks = sorted({row[number] for row in rows})
  axes.set_xticks(ticks, [str(tick) for tick in ticks])
  axes.minorticks_off()
  axes.set_xlabel({"labels": "labelled photos", "unlabeled": "unlabelled photos"}[number])
  axes.grid(alpha=0.3)
