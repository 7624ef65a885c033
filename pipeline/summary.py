"""The end of a run in words: ladder, blessing, where to look."""

from collections.abc import Iterator
from typing import Any

from components.report import names
from pipeline import commands, run_folder


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
  yield f"Look at {folder.report / 'index.html'}; all runs: {folder.path.parent / 'index.html'}"
  yield from _next(folder, evaluation)


def _next(folder: run_folder.RunFolder, evaluation: dict[str, Any]) -> Iterator[str]:
  """What there is to do now, as commands."""
  yield "Next:"
  if evaluation["blessed"]:
    yield f"  label faces:  {commands.on_run(folder, 'predict', 'PHOTO')}"
  yield f"  try it:       {commands.on_run(folder, 'try')}"
  yield (
    "  more labels:  "
    + commands.on_run(folder, "label", "PHOTOS", "--attribute", evaluation["attribute"])
  )


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
      f"hand-labelled photos ({evaluation['embedder']} embeddings)"
    )
    yield ""
    yield from _ladder(figures)
    yield ""
    yield figures["does_it_beat_labels"]
    yield figures["did_synthesis_help"]
    yield figures["what_labels_would_do"]
    if len(evaluation["attributes"]) > 1:
      yield ""


def _ladder(figures: dict[str, Any]) -> Iterator[str]:
  yield f"  {'step':<24}{'AUC':<22}{'accuracy':<22}labels  learned from"
  for step, row in figures["ladder"].items():
    mark = " <- pushed" if step == figures["step"] else ""
    yield (
      f"  {step:<24}{_figure(row, 'auc'):<22}{_figure(row, 'accuracy'):<22}{row['n']:>6}  "
      f"{names.of_step(step)}{mark}"
    )


def _figure(row: dict[str, Any], name: str) -> str:
  low, high = row[f"{name}_ci95"]
  return f"{row[name]:.3f} [{low:.2f}, {high:.2f}]"


def _blessing(folder: run_folder.RunFolder, evaluation: dict[str, Any]) -> str:
  if not evaluation["blessed"]:
    return not_blessed(evaluation)
  if evaluation["serving"]["problems"]:
    return f"Blessed, but not pushed: {'; '.join(evaluation['serving']['problems'])}"
  if not evaluation["pushed"]:
    return (
      "Blessed, but not pushed, since a rollback has withdrawn this very model; `python -m "
      "pipeline rollback VERSION` brings it back"
    )
  return f"Blessed, and pushed to {folder.pushed}"


def not_blessed(evaluation: dict[str, Any]) -> str:
  """Why a model was not let through."""
  reasons = "; ".join(evaluation["not_blessed_because"])
  return f"Not blessed, so not pushed: {reasons}"
