"""The end of a run in words: ladder, blessing, where to look."""

from typing import Any, Dict, Iterator

from pipeline import run_folder


def lines(folder: run_folder.RunFolder,
          evaluation: Dict[str, Any]) -> Iterator[str]:
  """What is printed at the end of a run.

  Args:
    folder: of the run.
    evaluation: the content of `evaluation.json`.
  """
  hand_labeled = evaluation["hand_labeled"]
  yield (f"The {evaluation['attribute']} annotation on "
         f"{hand_labeled['n']} hand-labelled photos "
         f"({evaluation['embedder']} embeddings; n = labels used)")
  yield ""
  yield f"  {'step':<24}{'n':>5}  {'accuracy':<20}{'AUC':>6}"
  for step, row in evaluation["ladder"].items():
    low, high = row["accuracy_ci95"]
    mark = "  <- pushed step" if step == evaluation["step"] else ""
    yield (f"  {step:<24}{row['n']:>5}  {row['accuracy']:.3f} "
           f"[{low:.2f}, {high:.2f}]   {row['auc']:.3f}{mark}")
  yield ""
  yield evaluation["did_synthesis_help"]
  yield _blessing(folder, evaluation)
  yield f"Look at {folder.report / 'index.html'}"


def _blessing(folder: run_folder.RunFolder,
              evaluation: Dict[str, Any]) -> str:
  if evaluation["blessed"]:
    return f"Blessed, and pushed to {folder.pushed}"
  reasons = "; ".join(evaluation["not_blessed_because"])
  return f"Not blessed, so not pushed: {reasons}"
