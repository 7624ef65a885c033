"""The ladder: what each kind of knowledge is worth, on the same photos."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import ensemble, linear_model, metrics

from components.shared.learning import fitting, intervals, learning, serving
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

WITH_SYNTHESIS = "semi_supervised"
WITHOUT_SYNTHESIS = "labeled_self_training"

_FOREST_SAMPLES = 4000  # a tree; with 40,000 a forest takes minutes


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


def scores(
  knowledge: Knowledge,
  settings: ClassifierSettings,
  photos: np.ndarray,
  pushed: np.ndarray | None = None,
  on_step: Callable[[str], None] = lambda step: None,
  fitter: fitting.Fitter | None = None,
) -> dict[str, np.ndarray]:
  """Probabilities of the photos, float64 [n], by step.

  Args:
    knowledge: what may be learned from.
    settings: of the classifier; `settings.step` names the pushed step.
    photos: standardised embeddings float32 [n, d] to score.
    pushed: the pushed model's probabilities [n], which are its step's row;
      without them that step is trained as the others are.
    on_step: called with each step's name before its work.
    fitter: of these settings; default: one for all steps.

  Returns:
    A step that can't be computed (no labels held out, so no ceiling) is
    absent.
  """
  fitter = fitter or fitting.Fitter(photos.shape[1], settings)
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
    learned = learning.learn(step, data, settings, fitter)
    result[step] = learning.predict(learned.model, photos)
  return result


def references(
  knowledge: Knowledge,
  settings: ClassifierSettings,
  synthetic_weight: float | None,
  photos: np.ndarray,
  fitter: fitting.Fitter | None = None,
) -> dict[str, np.ndarray]:
  """Other kinds of classifier on what the pushed step learned from.

  Args:
    knowledge, settings, photos, fitter: see `scores`.
    synthetic_weight: that the pushed step chose.

  Returns:
    Probabilities [n] of a logistic regression and of a random forest.
  """
  embeddings, labels, weights = learning.flatten(
    learning.parts(
      settings.step,
      knowledge.training,
      synthetic_weight,
      settings,
      fitter or fitting.Fitter(photos.shape[1], settings),
    )
  )
  models = {
    "linear": linear_model.LogisticRegression(C=0.01, max_iter=2000),
    "random_forest": ensemble.RandomForestClassifier(
      n_estimators=300,
      min_samples_leaf=2,
      random_state=settings.seed,
      max_samples=min(len(labels), _FOREST_SAMPLES),
      n_jobs=-1,
    ),
  }
  return {
    name: model.fit(embeddings, labels, sample_weight=weights).predict_proba(photos)[:, 1]
    for name, model in models.items()
  }


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


def row(labels: np.ndarray, probabilities: np.ndarray, labels_used_by_step: int) -> dict[str, Any]:
  """One step of the ladder.

  Args:
    labels: int [n], 1 or 0.
    probabilities: [n] of 1.
    labels_used_by_step: see `labels_used`.

  Returns:
    `accuracy` (at `serving.THRESHOLD`) and `auc`, each with its 95% interval
    (`components.shared.learning.intervals`), and `n`, the labels used.
  """
  correct = (probabilities >= serving.THRESHOLD) == labels
  return {
    "accuracy": float(correct.mean()),
    "accuracy_ci95": list(intervals.of_share(int(correct.sum()), len(labels))),
    "auc": float(metrics.roc_auc_score(labels, probabilities)),
    "auc_ci95": list(intervals.of_auc(labels, probabilities)),
    "n": labels_used_by_step,
  }


def majority(labels: np.ndarray) -> np.ndarray:
  """Probabilities of always naming the larger class of the photos."""
  return np.full(len(labels), float(labels.mean() >= 0.5))


def _joined(one: learning.Labeled, other: learning.Labeled):
  return learning.Labeled(
    np.concatenate([one.embeddings, other.embeddings]), np.concatenate([one.labels, other.labels])
  )
