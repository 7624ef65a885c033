"""Charts as inline SVG, in colours that read on light and on dark pages."""

import io
import re
from typing import Any, Dict, Sequence

from matplotlib import figure as figure_lib

_INK = "#808080"
_BLUE = "#2f7ed8"
_ORANGE = "#e07b1a"


def ladder(rows: Dict[str, Dict[str, Any]], pushed: str) -> str:
  """Accuracy with its interval, and AUC, of each step; one line a step."""
  figure = figure_lib.Figure(figsize=(7.2, 0.42 * len(rows) + 0.9))
  axes = figure.add_subplot()
  for index, row in enumerate(rows.values()):
    low, high = row["accuracy_ci95"]
    axes.plot([low, high], [index, index], color=_BLUE, linewidth=2,
              alpha=0.5)
  axes.plot([row["accuracy"] for row in rows.values()], range(len(rows)), "o",
            color=_BLUE, label="accuracy, 95% interval")
  axes.plot([row["auc"] for row in rows.values()], range(len(rows)), "D",
            color=_ORANGE, markersize=5, label="AUC")
  axes.set_yticks(range(len(rows)), [
      f"{step} (pushed)" if step == pushed else step for step in rows])
  axes.invert_yaxis()
  axes.set_xlim(None, 1.01)
  axes.grid(axis="x", alpha=0.3)
  return _svg(figure, axes)


def curves(history: Sequence[Dict[str, float]],
           names: Sequence[str]) -> str:
  """Training curves by epoch, each scaled to its own largest value.

  Args:
    history: a row an epoch.
    names: which values to draw; not every epoch has each of them.
  """
  figure = figure_lib.Figure(figsize=(7.2, 2.8))
  axes = figure.add_subplot()
  for name in names:
    points = [(epoch, row[name]) for epoch, row in enumerate(history, 1)
              if name in row]
    epochs, values = zip(*points)
    largest = max(map(abs, values)) or 1.0
    axes.plot(epochs, [value / largest for value in values],
              label=f"{name} (max {largest:.3g})", linewidth=1.4)
  axes.set_xlabel("epoch")
  return _svg(figure, axes)


def probabilities(history: Sequence[Dict[str, float]]) -> str:
  """What the discriminator thought of photos and of faces, by epoch."""
  figure = figure_lib.Figure(figsize=(7.2, 2.8))
  axes = figure.add_subplot()
  for name, label in (("probability_real", "photos"),
                      ("probability_reconstructed", "reconstructions"),
                      ("probability_sampled", "samples")):
    axes.plot(range(1, len(history) + 1), [row[name] for row in history],
              label=label, linewidth=1.4)
  axes.set_ylim(0, 1)
  axes.set_xlabel("epoch")
  return _svg(figure, axes)


def divergences(nats: Sequence[float], active: float) -> str:
  """Divergence of each latent dimension from the prior, largest first.

  Args:
    nats: of each dimension, at least one.
    active: from how many on a dimension carries something.
  """
  figure = figure_lib.Figure(figsize=(7.2, 2.8))
  axes = figure.add_subplot()
  axes.bar(range(1, len(nats) + 1), sorted(nats, reverse=True), width=1.0,
           color=_BLUE, label="nats")
  axes.axhline(active, color=_ORANGE, linewidth=1.2,
               label=f"active above {active:g}")
  axes.set_yscale("log")
  axes.set_xlabel("latent dimension, sorted")
  return _svg(figure, axes)


def _svg(figure: figure_lib.Figure, axes: Any) -> str:
  for spine in axes.spines.values():
    spine.set_color(_INK)
  axes.tick_params(colors=_INK)
  axes.xaxis.label.set_color(_INK)
  axes.legend(frameon=False, fontsize=8, labelcolor=_INK, ncols=2,
              loc="upper center", bbox_to_anchor=(0.5, -0.18))
  figure.patch.set_alpha(0)
  axes.patch.set_alpha(0)
  buffer = io.StringIO()
  figure.savefig(buffer, format="svg", bbox_inches="tight",
                 metadata={"Date": None, "Creator": None})
  text = buffer.getvalue()
  return re.sub(r"\s*<metadata>.*?</metadata>", "",
                text[text.index("<svg"):], flags=re.DOTALL)
