"""Charts as inline SVG, in colours that read on light and on dark pages."""

import html
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib import figure as figure_lib

from components.report import drift as drift_lib
from components.report import names, tfma_plots

matplotlib.rcdefaults()  # A matplotlibrc is about other figures.

_INK = "#808080"
_BLUE = "#2f7ed8"
_ORANGE = "#e07b1a"
# Texts stay texts, and the same figures give the same bytes.
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "report", "font.family": "sans-serif"}
_WORST = 3


def roc(confusion: tfma_plots.Confusion, threshold: float) -> str:
  """The ROC curve, with the point that is used."""
  figure = _figure(3.4, 3.2)
  axes = figure.add_subplot()
  axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":")
  _curve(axes, confusion.false_positive_rate, confusion.recall, confusion, threshold)
  axes.set(xlabel="false positive rate", ylabel="recall (true positive rate)")
  return _svg(figure, "ROC curve")


def precision(confusion: tfma_plots.Confusion, threshold: float) -> str:
  """Precision by recall, with the point that is used."""
  figure = _figure(3.4, 3.2)
  axes = figure.add_subplot()
  _curve(axes, confusion.recall, confusion.precision, confusion, threshold)
  axes.set(xlabel="recall", ylabel="precision")
  return _svg(figure, "Precision-recall curve")


def _curve(
  axes: Any, x: np.ndarray, y: np.ndarray, confusion: tfma_plots.Confusion, threshold: float
) -> None:
  used = int(np.argmin(np.abs(confusion.thresholds - threshold)))
  axes.plot(x, y, color=_BLUE, linewidth=1.6)
  axes.plot(x[used], y[used], "o", color=_ORANGE, label=f"threshold {threshold:.2f}")
  axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
  axes.grid(alpha=0.3)


def calibration(found: tfma_plots.Calibration) -> str:
  """What share has the attribute, of photos that were given a probability."""
  figure = _figure(3.4, 3.2)
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


def drift(dimensions: Sequence[drift_lib.Dimension]) -> list[str]:
  """Distance of each dimension, sorted, and the histograms of the worst."""
  figure = _figure(2.6, 1.9)
  axes = figure.add_subplot()
  axes.bar(range(1, len(dimensions) + 1), [d.distance for d in dimensions], width=1.0, color=_BLUE)
  axes.set_title("distance (standard deviations)", fontsize=9)
  axes.set_xlabel("dimension of the embedding, sorted", fontsize=8)
  found = [_svg(figure, "Distance of faces from photos, by dimension of the embedding")]
  for dimension in dimensions[:_WORST]:
    figure = _figure(2.6, 1.9)
    axes = figure.add_subplot()
    edges = np.histogram_bin_edges(np.concatenate([dimension.real, dimension.synthetic]), 24)
    for values, color, style, label in (
      (dimension.real, _BLUE, "-", "photos"),
      (dimension.synthetic, _ORANGE, "--", "faces"),
    ):
      axes.hist(
        values, edges, density=True, histtype="step", color=color, linestyle=style, label=label
      )
    axes.set_yticks([])
    axes.set_title(f"dimension {dimension.index}: {dimension.distance:.2f}", fontsize=9)
    found.append(_svg(figure, f"Dimension {dimension.index} of the embedding: faces and photos"))
  return found


_TRAINING: Sequence[tuple[str, dict[str, str]]] = (
  ("generator loss (weighted sum)", {"generator_loss": ""}),
  ("feature loss (distance, 0 to 4)", {"feature": ""}),
  ("pixel loss (squared, of -1 to 1)", {"pixel": ""}),
  ("KL (nats a dimension)", {"kl": ""}),
  ("adversarial loss (nats)", {"adversarial_loss": ""}),
  ("discriminator loss (nats)", {"discriminator_loss": ""}),
  (
    "probability of being a photo",
    {
      "probability_real": "photos",
      "probability_reconstructed": "reconstructions",
      "probability_sampled": "samples",
    },
  ),
  ("active latent dimensions", {"active_dimensions": ""}),
  ("spread of faces over photos'", {"sample_diversity": ""}),
)
"""Title with its unit, and which scalars, by their names in the legend."""
_LINES = ((_BLUE, "-"), (_ORANGE, "--"), (_INK, ":"))
_CANNOT_TELL = {"discriminator_loss": 2 * np.log(2), "adversarial_loss": np.log(2)}
"""Where the discriminator can't tell photos from faces."""


def training(history: Sequence[dict[str, float]]) -> list[str]:
  """Small multiples of what was measured by epoch, in their units.

  Args:
    history: a row an epoch; not every epoch has each scalar.
  """
  found = []
  for title, scalars in _TRAINING:
    there = {name: label for name, label in scalars.items() if any(name in row for row in history)}
    if not there:
      continue
    figure = _figure(2.6, 2.0)
    axes = figure.add_subplot()
    for (name, label), (color, style) in zip(there.items(), _LINES, strict=False):
      points = [(epoch, row[name]) for epoch, row in enumerate(history, 1) if name in row]
      marker = "o" if len(points) == 1 else ""
      axes.plot(*zip(*points, strict=True), style + marker, color=color, label=label, linewidth=1.4)
      if name in _CANNOT_TELL:
        axes.axhline(
          _CANNOT_TELL[name], color=_INK, linewidth=0.8, linestyle=":", label="can't tell"
        )
    if len(there) > 1:
      axes.set_ylim(0, 1)
    axes.set_title(title, fontsize=9)
    axes.set_xlabel("epoch", fontsize=8)
    found.append(_svg(figure, f"Training: {title}, by epoch"))
  return found


def divergences(nats: Sequence[float], active: float) -> str:
  """Divergence of each latent dimension from the prior, largest first.

  Args:
    nats: of each dimension, at least one.
    active: from how many on a dimension carries something.
  """
  figure = _figure(2.6, 2.0)
  axes = figure.add_subplot()
  axes.bar(range(1, len(nats) + 1), sorted(nats, reverse=True), width=1.0, color=_BLUE)
  axes.axhline(
    active, color=_ORANGE, linewidth=1.2, linestyle="--", label=f"active above {active:g}"
  )
  axes.set_yscale("log")
  axes.set_title("KL in the last epoch (nats)", fontsize=9)
  axes.set_xlabel("latent dimension, sorted", fontsize=8)
  return _svg(figure, "Divergence of each latent dimension in the last epoch")


def sweep(rows: Sequence[Mapping[str, Any]], shown: Sequence[str]) -> str:
  """AUC by number of labels, a line a step, with intervals of the mean.

  Args:
    rows: of `sweep.json`.
    shown: steps to draw.
  """
  figure = _figure(5.2, 3.4)
  axes = figure.add_subplot()
  counts = sorted({row["labels"] for row in rows})
  styles = zip(shown, (_BLUE, _ORANGE, _INK), ("o-", "D--", "s:"), (0.97, 1.0, 1.03), strict=False)
  for step, color, style, aside in styles:
    # Of several numbers of unlabelled photos, the largest.
    mine = sorted(
      {row["labels"]: row for row in rows if row["step"] == step}.values(),
      key=lambda row: row["labels"],
    )
    means = np.array([row["auc"]["mean"] for row in mine])
    spread = [
      means - [row["auc"]["low"] for row in mine],
      np.minimum(1.0, [row["auc"]["high"] for row in mine]) - means,
    ]
    axes.errorbar(
      [row["labels"] * aside for row in mine],
      means,
      np.maximum(0.0, spread),
      fmt=style,
      color=color,
      markersize=5,
      linewidth=1.2,
      capsize=2,
      label=names.of_step(step),
    )
  axes.set_xscale("log")
  axes.set_xticks(counts, [str(count) for count in counts])
  axes.minorticks_off()
  axes.set(xlabel="labelled photos", ylabel="AUC")
  axes.grid(alpha=0.3)
  return _svg(figure, "AUC by number of labelled photos", columns=1)


def _figure(width: float, height: float) -> figure_lib.Figure:
  """Of so many inches; what is in it makes room for itself."""
  return figure_lib.Figure(figsize=(width, height), layout="constrained")


def _svg(figure: figure_lib.Figure, title: str, columns: int = 2) -> str:
  figure.patch.set_alpha(0)
  legend = {}
  for axes in figure.axes:
    _in_grey(axes)
    for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
      legend.setdefault(label, handle)
  if legend:
    figure.legend(
      legend.values(),
      legend.keys(),
      loc="outside lower center",
      frameon=False,
      fontsize=8,
      ncols=columns,
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
  axes.title.set_color(_INK)
  axes.patch.set_alpha(0)
