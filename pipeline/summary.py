"""The end of a run in words: ladder, blessing, where to look."""

from collections.abc import Iterator
from typing import Any

from pipeline import run_folder


def lines(folder: run_folder.RunFolder, evaluation: dict[str, Any]) -> Iterator[str]:
  """What is printed at the end of a run.

  Args:
    folder: of the run.
    evaluation: the content of `evaluation.json`.
  """
  yield from ladders(evaluation)
  yield from _waiting(evaluation["photos"])
  yield _blessing(folder, evaluation)
  yield _seconds(evaluation["seconds"])
  yield f"Look at {folder.report / 'index.html'}"


def _waiting(photos: dict[str, int]) -> Iterator[str]:
  """Photos that nothing learned from, and that judged nothing."""
  waiting = photos["reserved_without_label"]
  if waiting:
    yield (
      f"{waiting:,} more photos are reserved for evaluation and have no label: label some, and "
      "the figures above get more certain"
    )


def _seconds(components: dict[str, float]) -> str:
  """How long all of them took, and the longest."""
  longest = sorted(components, key=lambda name: -components[name])[:3]
  return (
    f"Components took {sum(components.values()):.0f} s: "
    + ", ".join(f"{name} {components[name]:.0f}" for name in longest)
    + ", ..."
  )


def ladders(evaluation: dict[str, Any]) -> Iterator[str]:
  """Each attribute's ladder, and whether the synthetic faces helped."""
  for attribute, figures in evaluation["attributes"].items():
    yield (
      f"The {attribute} annotation on {figures['hand_labeled']['n']} "
      f"hand-labelled photos ({evaluation['embedder']} embeddings; n = "
      "labels used)"
    )
    yield ""
    yield from _ladder(figures)
    yield ""
    yield figures["did_synthesis_help"]
    if len(evaluation["attributes"]) > 1:
      yield ""


def _ladder(figures: dict[str, Any]) -> Iterator[str]:
  yield f"  {'step':<24}{'n':>5}  {'accuracy':<20}{'AUC'}"
  for step, row in figures["ladder"].items():
    mark = "  <- pushed step" if step == figures["step"] else ""
    yield (f"  {step:<24}{row['n']:>5}  {_figure(row, 'accuracy')}   {_figure(row, 'auc')}{mark}")


def _figure(row: dict[str, Any], name: str) -> str:
  low, high = row[f"{name}_ci95"]
  return f"{row[name]:.3f} [{low:.2f}, {high:.2f}]"


def _blessing(folder: run_folder.RunFolder, evaluation: dict[str, Any]) -> str:
  if evaluation["blessed"]:
    return f"Blessed, and pushed to {folder.pushed}"
  return not_blessed(evaluation)


def not_blessed(evaluation: dict[str, Any]) -> str:
  """Why a model was not let through."""
  reasons = "; ".join(evaluation["not_blessed_because"])
  return f"Not blessed, so not pushed: {reasons}"
