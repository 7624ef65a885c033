"""The ladder: what each kind of knowledge is worth, on the same photos."""

import dataclasses
from collections.abc import Callable, Sequence
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
WITHOUT_FACES = tuple(step for step in STEPS if step not in learning.STEPS_WITH_SYNTHETIC)
"""Steps that need no synthetic face, and so no generator."""

WITH_SYNTHESIS = "semi_supervised"
WITHOUT_SYNTHESIS = "labeled_self_training"


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
  of: Sequence[str] = STEPS,
) -> dict[str, Scores]:
  """What each step says of the photos.

  Args:
    knowledge: what may be learned from.
    settings: of the classifier; `settings.step` names the pushed step.
    photos: standardised embeddings float32 [n, d] to score.
    pushed: what the pushed model says, which is its step's row; without it
      that step is trained as the others are.
    on_step: called with each step's name before its work.
    of: the steps that are asked for.

  Returns:
    By step; one that can't be computed (no labels held out, so no ceiling; no
    synthetic faces) is absent.
  """
  result = {}
  for step in of:
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


def majority(labels: np.ndarray) -> Scores:
  """Of always naming the larger class of the photos."""
  return Scores(np.full(len(labels), float(labels.mean() >= 0.5)))


def _joined(one: learning.Labeled, other: learning.Labeled):
  return learning.Labeled(
    np.concatenate([one.embeddings, other.embeddings]), np.concatenate([one.labels, other.labels])
  )
