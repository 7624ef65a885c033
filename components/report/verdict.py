"""Was it worth it? Two sentences, computed on the shared evaluation photos."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from components.report import names
from components.shared.artifacts import ladder_files
from components.shared.learning import intervals, steps

_NEAR = 0.01
"""Difference in AUC that is near."""

Ladder = Mapping[str, Mapping[str, Any]]


def compare(scores: ladder_files.Scores, ours: str, theirs: str) -> dict[str, Any]:
  """One step of the ladder against another, on the same photos.

  Args:
    scores: of every step.
    ours: the step in question.
    theirs: what it is held against.

  Returns:
    `with` and `without`, the steps; differences in AUC, with its 95% interval,
    and in accuracy.
  """
  labels, of_ours, of_theirs = scores.labels, scores.by_step[ours], scores.by_step[theirs]
  difference, interval = intervals.of_auc_difference(labels, of_ours, of_theirs)
  return {
    "with": ours,
    "without": theirs,
    "auc_difference": difference,
    "auc_difference_ci95": list(interval),
    "accuracy_difference": float(
      np.mean(scores.said(ours) == labels) - np.mean(scores.said(theirs) == labels)
    ),
  }


def of_synthesis(scores: ladder_files.Scores, ladder: Ladder, pushed: str) -> dict[str, Any]:
  """Synthetic faces against the best step of the ladder that needs none.

  With the pushed step, if it learns from them.
  """
  ours = pushed if names.needs_synthetic_faces(pushed) else steps.WITH_SYNTHESIS
  without = [
    step for step in ladder if not names.needs_synthetic_faces(step) and not names.is_bound(step)
  ]
  return compare(scores, ours, max(without, key=lambda step: ladder[step]["auc"]))


def over_labels(comparison: Mapping[str, Any], ladder: Ladder) -> str:
  """Whether what is pushed beats plain labels.

  Args:
    comparison: of the pushed step with `names.LABELS_ONLY`.
    ladder: the steps' rows.
  """
  if comparison["with"] == comparison["without"]:
    auc = ladder[comparison["with"]]["auc"]
    return f"The pushed model learned from labels alone: AUC {auc:.3f}."
  return _sentence(
    comparison,
    ladder,
    better="Better than labels alone",
    worse="Worse than labels alone",
    unclear="No clear gain over labels alone",
  )


def synthesis(comparison: Mapping[str, Any], ladder: Ladder, synthetic_weight: float | None) -> str:
  """Whether the synthetic faces helped.

  Args:
    comparison: of `of_synthesis`.
    ladder: the steps' rows.
    synthetic_weight: that the pushed step chose for them, if it did.
  """
  if synthetic_weight == 0:
    return (
      "The synthetic faces were not used: cross-validation on the labelled photos gave them no "
      "weight."
    )
  return _sentence(
    comparison,
    ladder,
    better="The synthetic faces helped",
    worse="The synthetic faces did harm",
    unclear="No clear gain from the synthetic faces",
  )


def more_labels(forecast: Mapping[str, Any] | None) -> str:
  """What more labels would do.

  Args:
    forecast: of `components.shared.learning.curve`, or None.
  """
  if forecast is None:
    return "More labels: too few are there to tell what more of them would do."
  low, high = forecast["gain_ci95"]
  return (
    f"{forecast['labels']} more labels: about {forecast['gain']:+.3f} of AUC ({low:+.3f} to "
    f"{high:+.3f}), by the learning curve of those that there are."
  )


def enough_labels(rows: Sequence[Mapping[str, Any]]) -> str:
  """The fewest labels of a sweep that come near the ceiling.

  Args:
    rows: of `sweep.json`.
  """
  means = {(row["step"], row["labels"]): row["auc"]["mean"] for row in rows}
  ceiling = max((mean for (step, _), mean in means.items() if step == steps.CEILING), default=None)
  if ceiling is None:
    return "There is no label beyond those that were learned from, so no ceiling to come near to."
  counts = sorted(count for step, count in means if step == steps.WITH_SYNTHESIS)
  near = [count for count in counts if ceiling - means[steps.WITH_SYNTHESIS, count] <= _NEAR]
  best = max(means[steps.WITH_SYNTHESIS, count] for count in counts)
  if not near:
    return (
      f"More than {counts[-1]}: the best mean AUC is {best:.3f}, and {ceiling:.3f} with every "
      "label there is."
    )
  return (
    f"{near[0]} labels come within {_NEAR} of the AUC of {ceiling:.3f} that every label there is "
    "gives."
  )


def _sentence(
  comparison: Mapping[str, Any], ladder: Ladder, better: str, worse: str, unclear: str
) -> str:
  low, high = comparison["auc_difference_ci95"]
  answer = better if low > 0 else worse if high < 0 else unclear
  ours, theirs = (ladder[comparison[side]]["auc"] for side in ("with", "without"))
  return (
    f"{answer}: AUC {ours:.3f} with {names.of_step(comparison['with'])}, {theirs:.3f} with "
    f"{names.of_step(comparison['without'])} "
    f"({difference(comparison['auc_difference'], low, high, ours, theirs)})."
  )


def difference(value: float, low: float, high: float, ours: float, theirs: float) -> str:
  """A difference with its interval, beside the two figures that it is of."""
  rounded = round(ours, 3) - round(theirs, 3)
  about = "" if f"{rounded:+.3f}" == f"{value:+.3f}" else "about "
  return f"difference {about}{value:+.3f}, 95% interval {low:+.3f} to {high:+.3f}"
