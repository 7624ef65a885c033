"""The end of a run in words: ladder, blessing, where to look."""

from typing import Any, Dict, Iterator

def lines(outcome_folder, evaluation: Dict[str, Any]) -> Iterator[str]:
  """What is printed at the end of a run.

  Args:
    outcome_folder: the RunFolder.
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
  yield _blessing(outcome_folder, evaluation)
  yield f"Look at {outcome_folder.report / 'index.html'}"


def _blessing(outcome_folder, evaluation: Dict[str, Any]) -> str:
  if evaluation["blessed"]:
    return f"Blessed, and pushed to {outcome_folder.pushed}"
  reasons = "; ".join(evaluation["not_blessed_because"])
  return f"Not blessed, so not pushed: {reasons}"
