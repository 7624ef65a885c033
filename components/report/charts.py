"""Charts as inline SVG, in colours that read on light and on dark pages."""

import html
import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib import figure as figure_lib

from components.report import drift as drift_lib
from components.report import tfma_plots

matplotlib.rcdefaults()  # A matplotlibrc is about other figures.

_INK = "#808080"
_BLUE = "#2f7ed8"
_ORANGE = "#e07b1a"
# Texts stay texts, and the same figures give the same bytes.
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "report", "font.family": "sans-serif"}
_WORST = 6


def ladder(rows: dict[str, dict[str, Any]], pushed: str) -> str:
  """Accuracy and AUC of each step, with intervals; one line a step."""
  figure = _figure(7.2, 0.5 * len(rows) + 0.9)
  axes = figure.add_subplot()
  for offset, metric, marker, color in (
    (-0.12, "accuracy", "o", _BLUE),
    (0.12, "auc", "D", _ORANGE),
  ):
    places = np.arange(len(rows)) + offset
    for place, row in zip(places, rows.values(), strict=True):
      axes.plot(row[f"{metric}_ci95"], [place, place], color=color, linewidth=2, alpha=0.5)
    name = "AUC" if metric == "auc" else metric
    axes.plot(
      [row[metric] for row in rows.values()],
      places,
      marker,
      color=color,
      markersize=5,
      label=f"{name}, 95% interval",
    )
  axes.set_yticks(
    range(len(rows)), [f"{step} (pushed)" if step == pushed else step for step in rows]
  )
  axes.invert_yaxis()
  axes.set_xlim(None, 1.01)
  axes.grid(axis="x", alpha=0.3)
  return _svg(figure, "The ladder: accuracy and AUC of each step")


def roc_and_precision(confusion: tfma_plots.Confusion, threshold: float) -> str:
  """ROC and precision-recall curves, with the point that is used."""
  figure = _figure(7.2, 3.4)
  used = int(np.argmin(np.abs(confusion.thresholds - threshold)))
  for place, x, y, x_name, y_name in (
    (
      1,
      confusion.false_positive_rate,
      confusion.recall,
      "false positive rate",
      "recall (true positive rate)",
    ),
    (2, confusion.recall, confusion.precision, "recall", "precision"),
  ):
    axes = figure.add_subplot(1, 2, place)
    axes.plot(x, y, color=_BLUE, linewidth=1.6)
    axes.plot(x[used], y[used], "o", color=_ORANGE, label=f"threshold {threshold:g}")
    if place == 1:
      axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), xlabel=x_name, ylabel=y_name)
    axes.grid(alpha=0.3)
  return _svg(figure, "ROC curve and precision-recall curve")


def calibration(found: tfma_plots.Calibration) -> str:
  """What share has the attribute, of photos that were given a probability."""
  figure = _figure(3.8, 3.4)
  axes = figure.add_subplot()
  axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":")
  axes.plot(found.predicted, found.observed, color=_BLUE, linewidth=1.2, alpha=0.6)
  axes.scatter(
    found.predicted,
    found.observed,
    color=_BLUE,
    s=12 + 200 * found.photos / found.photos.sum(),
    label="size: number of photos",
  )
  axes.set(
    xlim=(-0.04, 1.04),
    ylim=(-0.04, 1.04),
    xlabel="mean probability",
    ylabel="share with the attribute",
  )
  axes.grid(alpha=0.3)
  return _svg(figure, "Calibration: probability against frequency")


def drift(dimensions: Sequence[drift_lib.Dimension]) -> str:
  """Distance of each dimension, sorted, and the histograms of the worst."""
  figure = _figure(7.2, 6.0)
  grid = figure.add_gridspec(3, 3, height_ratios=(1.2, 1, 1))
  axes = figure.add_subplot(grid[0, :])
  axes.bar(
    range(1, len(dimensions) + 1),
    [d.distance for d in dimensions],
    width=1.0,
    color=_BLUE,
    label="distance, in standard deviations",
  )
  axes.set_xlabel("dimension of the embedding, sorted")
  for place, dimension in enumerate(dimensions[:_WORST]):
    small = figure.add_subplot(grid[1 + place // 3, place % 3])
    edges = np.histogram_bin_edges(np.concatenate([dimension.real, dimension.synthetic]), 24)
    for values, color, label in (
      (dimension.real, _BLUE, "photos"),
      (dimension.synthetic, _ORANGE, "faces"),
    ):
      small.hist(values, edges, density=True, histtype="step", color=color, label=label)
    small.set_yticks([])
    small.set_title(f"number {dimension.index}: {dimension.distance:.2f}", fontsize=9, color=_INK)
  return _svg(figure, "Drift of each dimension of the embedding")


def curves(history: Sequence[dict[str, float]], names: Sequence[str]) -> str:
  """Training curves by epoch, each scaled to its own largest value.

  Args:
    history: a row an epoch.
    names: which values to draw; not every epoch has each of them.
  """
  figure = _figure(7.2, 2.8)
  axes = figure.add_subplot()
  for name in names:
    points = [(epoch, row[name]) for epoch, row in enumerate(history, 1) if name in row]
    epochs, values = zip(*points, strict=True)
    largest = max(map(abs, values)) or 1.0
    axes.plot(
      epochs,
      [value / largest for value in values],
      label=f"{name} (max {largest:.3g})",
      linewidth=1.4,
    )
  axes.set_xlabel("epoch")
  return _svg(figure, "Training: means by epoch")


def probabilities(history: Sequence[dict[str, float]]) -> str:
  """What the discriminator thought of photos and of faces, by epoch."""
  figure = _figure(7.2, 2.8)
  axes = figure.add_subplot()
  for name, label in (
    ("probability_real", "photos"),
    ("probability_reconstructed", "reconstructions"),
    ("probability_sampled", "samples"),
  ):
    axes.plot(
      range(1, len(history) + 1), [row[name] for row in history], label=label, linewidth=1.4
    )
  axes.set_ylim(0, 1)
  axes.set_xlabel("epoch")
  return _svg(figure, "Training: what the discriminator thinks")


def divergences(nats: Sequence[float], active: float) -> str:
  """Divergence of each latent dimension from the prior, largest first.

  Args:
    nats: of each dimension, at least one.
    active: from how many on a dimension carries something.
  """
  figure = _figure(7.2, 2.8)
  axes = figure.add_subplot()
  axes.bar(
    range(1, len(nats) + 1), sorted(nats, reverse=True), width=1.0, color=_BLUE, label="nats"
  )
  axes.axhline(active, color=_ORANGE, linewidth=1.2, label=f"active above {active:g}")
  axes.set_yscale("log")
  axes.set_xlabel("latent dimension, sorted")
  return _svg(figure, "Divergence of each latent dimension")


def _figure(width: float, height: float) -> figure_lib.Figure:
  """Of so many inches; what is in it makes room for itself."""
  return figure_lib.Figure(figsize=(width, height), layout="constrained")


def _svg(figure: figure_lib.Figure, title: str) -> str:
  figure.patch.set_alpha(0)
  legend = {}
  for axes in figure.axes:
    _in_grey(axes)
    for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
      legend.setdefault(label, handle)
  figure.legend(
    legend.values(),
    legend.keys(),
    loc="outside lower center",
    frameon=False,
    fontsize=8,
    labelcolor=_INK,
    ncols=3,
  )
  buffer = io.StringIO()
  with matplotlib.rc_context(_STYLE):
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
  text = buffer.getvalue()
  text = re.sub(r"\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
  return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(title)}"', 1)


def _in_grey(axes: Any) -> None:
  for spine in axes.spines.values():
    spine.set_color(_INK)
  axes.tick_params(colors=_INK)
  for label in (axes.xaxis.label, axes.yaxis.label):
    label.set_color(_INK)
  axes.patch.set_alpha(0)
