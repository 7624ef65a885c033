"""The ladder: what each kind of knowledge is worth, on the same photos."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn import metrics

from components.shared.learning import committee, intervals, learning
from components.shared.learning.settings import ClassifierSettings

MAJORITY = "majority"
CEILING = "ceiling"
STEPS = (
  "labeled_only",
  "labeled_self_training",
  "synthetic_only",
  "synthetic_student",
  "semi_supervised",
  CEILING,
)

DESCRIPTIONS = {
  MAJORITY: "nothing: always names the larger class",
  "labeled_only": "the labelled photos",
  "labeled_self_training": "labelled and unlabelled photos, no generator",
  "synthetic_only": "synthetic faces; labels only through the direction",
  "synthetic_student": "the same, and the unlabelled photos",
  "semi_supervised": "labelled, synthetic and unlabelled",
  CEILING: "every real label there is",
}
WITH_SYNTHESIS = "semi_supervised"
WITHOUT_SYNTHESIS = ("labeled_only", "labeled_self_training")

_RESAMPLES = 2000


@dataclasses.dataclass(frozen=True)
class Knowledge:
  """What the steps may learn from.

  Attributes:
    training: what the pushed model learned from.
    held_out: the unlabelled photos with the labels that exist for them; only
      the ceiling may see these.
    direction_labels: number of labels that the latent direction used.
  """

  training: learning.TrainingSet
  held_out: learning.Labeled
  direction_labels: int


@dataclasses.dataclass(frozen=True)
class Scores:
  """What a step's classifier says of the photos.

  Attributes:
    probabilities: float64 [n].
    threshold: from which one on the label is 1.
  """

  probabilities: np.ndarray
  threshold: float = committee.THRESHOLD


def scores(
  knowledge: Knowledge,
  settings: ClassifierSettings,
  photos: np.ndarray,
  pushed: Scores | None = None,
  on_step: Callable[[str], None] = lambda step: None,
) -> dict[str, Scores]:
  """What each step says of the photos.

  Args:
    knowledge: what may be learned from.
    settings: of the classifier; `settings.step` names the pushed step.
    photos: standardised embeddings float32 [n, d] to score.
    pushed: what the pushed model says, which is its step's row; without it
      that step is trained as the others are.
    on_step: called with each step's name before its work.

  Returns:
    By step; one that can't be computed (no labels held out, so no ceiling; no
    synthetic faces) is absent.
  """
  result = {}
  for step in STEPS:
    on_step(step)
    if step == settings.step and pushed is not None:
      result[step] = pushed
      continue
    data = knowledge.training
    if step == CEILING:
      if not len(knowledge.held_out):
        continue
      data = dataclasses.replace(data, labeled=_joined(data.labeled, knowledge.held_out))
    model = learning.learn(step, data, settings).model
    result[step] = Scores(model.probabilities(photos), model.threshold)
  return result


def output_alone(knowledge: Knowledge, settings: ClassifierSettings, photos: np.ndarray) -> Scores:
  """`labeled_only` by the first part of the embedding alone, which is the
  network's own output unless the settings say otherwise."""
  training = knowledge.training
  width = training.blocks[0]
  labeled = learning.Labeled(training.labeled.embeddings[:, :width], training.labeled.labels)
  data = dataclasses.replace(training, labeled=labeled, blocks=training.blocks[:1])
  model = learning.learn("labeled_only", data, settings).model
  return Scores(model.probabilities(photos[:, :width]), model.threshold)


def labels_used(step: str, knowledge: Knowledge) -> int:
  """How many real photos' labels a step learned from, the direction's too."""
  used = 0
  if step in learning.STEPS_WITH_LABELS:
    used = len(knowledge.training.labeled)
  if step in learning.STEPS_WITH_SYNTHETIC:
    used = max(used, knowledge.direction_labels)
  if step == CEILING:
    used += len(knowledge.held_out)
  return used


def row(labels: np.ndarray, scored: Scores, labels_used_by_step: int) -> dict[str, Any]:
  """One step of the ladder.

  Args:
    labels: int [n], 1 or 0.
    scored: what the step says of the same photos.
    labels_used_by_step: see `labels_used`.

  Returns:
    `accuracy` and `balanced_accuracy` (at the step's threshold) and `auc`, the
    first and the last with their 95% intervals
    (`components.shared.learning.intervals`), `average_precision`, `brier` and
    `n`, the labels used.
  """
  said = scored.probabilities >= scored.threshold
  correct = said == labels
  return {
    "accuracy": float(correct.mean()),
    "accuracy_ci95": list(intervals.of_share(int(correct.sum()), len(labels))),
    "balanced_accuracy": float(np.mean([correct[labels == label].mean() for label in (0, 1)])),
    "auc": float(metrics.roc_auc_score(labels, scored.probabilities)),
    "auc_ci95": list(intervals.of_auc(labels, scored.probabilities)),
    "average_precision": float(metrics.average_precision_score(labels, scored.probabilities)),
    "brier": float(np.mean((scored.probabilities - labels) ** 2)),
    "threshold": float(scored.threshold),
    "n": labels_used_by_step,
  }


def compare(labels: np.ndarray, scored: Mapping[str, Scores], seed: int) -> dict[str, Any]:
  """Did the synthetic faces help? The step with them against the best of those
  that need none; and against the labelled photos alone.

  Args:
    labels: int [n].
    scored: by step.
    seed: of the resampling.

  Returns:
    As `_difference`, and under `over_labels` the same against `labeled_only`.
  """
  without = max(
    WITHOUT_SYNTHESIS, key=lambda step: metrics.roc_auc_score(labels, scored[step].probabilities)
  )
  return {
    **_difference(labels, scored, WITH_SYNTHESIS, without, seed),
    "over_labels": _difference(labels, scored, WITH_SYNTHESIS, "labeled_only", seed),
  }


def _difference(
  labels: np.ndarray, scored: Mapping[str, Scores], with_: str, without: str, seed: int
) -> dict[str, Any]:
  """Differences in accuracy and AUC of two steps, and the 95% interval of that
  in AUC by a bootstrap over photos, both steps on the same ones."""
  ours, theirs = scored[with_].probabilities, scored[without].probabilities

  def auc_difference(rows: np.ndarray) -> float:
    return metrics.roc_auc_score(labels[rows], ours[rows]) - metrics.roc_auc_score(
      labels[rows], theirs[rows]
    )

  rng = np.random.default_rng(seed)
  draws = (rng.integers(0, len(labels), len(labels)) for _ in range(_RESAMPLES))
  differences = [auc_difference(rows) for rows in draws if 0 < labels[rows].sum() < len(labels)]
  low, high = np.percentile(differences, [2.5, 97.5])
  return {
    "with": with_,
    "without": without,
    "auc_difference": float(auc_difference(np.arange(len(labels)))),
    "auc_difference_ci95": [float(low), float(high)],
    "accuracy_difference": float(
      np.mean((ours >= scored[with_].threshold) == labels)
      - np.mean((theirs >= scored[without].threshold) == labels)
    ),
  }


def majority(labels: np.ndarray) -> Scores:
  """Of always naming the larger class of the photos."""
  return Scores(np.full(len(labels), float(labels.mean() >= 0.5)))


def _joined(one: learning.Labeled, other: learning.Labeled):
  return learning.Labeled(
    np.concatenate([one.embeddings, other.embeddings]), np.concatenate([one.labels, other.labels])
  )
