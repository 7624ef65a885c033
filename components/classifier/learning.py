"""What a classifier learns from: teacher, student, and the ladder's steps.

Every step of the ladder, the pushed model's included, goes through `learn`;
the steps differ in which embeddings they are given and in nothing else.
"""

import dataclasses
from typing import Dict, List, Optional, Sequence, Tuple

import keras
import numpy as np
from sklearn import metrics

from components import folds
from components.classifier import fitting
from components.classifier.settings import ClassifierSettings

STEPS_WITH_LABELS = ("labeled_only", "labeled_self_training",
                     "semi_supervised", "ceiling")
STEPS_WITH_SYNTHETIC = ("synthetic_only", "synthetic_student",
                        "semi_supervised")
STEPS_WITH_STUDENT = ("labeled_self_training", "synthetic_student",
                      "semi_supervised")


@dataclasses.dataclass(frozen=True)
class Labeled:
  """Embeddings with labels: float32 [n, d] and int64 [n], 1 or 0."""
  embeddings: np.ndarray
  labels: np.ndarray

  def __len__(self) -> int:
    return len(self.labels)

  def rows(self, chosen: np.ndarray) -> "Labeled":
    """Those that a mask or indices choose."""
    return Labeled(self.embeddings[chosen], self.labels[chosen])


@dataclasses.dataclass(frozen=True)
class TrainingSet:
  """What there is to learn from.

  Attributes:
    labeled: the few labelled photos.
    synthetic: synthetic faces, labelled by construction.
    unlabeled: embeddings float32 [n, d] of photos without labels.
    labeled_folds: int64 [n], each labelled photo's fold.
    synthetic_folds: int64 [n], the fold that a synthetic face owes nothing
      to; see `components.folds`.
  """
  labeled: Labeled
  synthetic: Labeled
  unlabeled: np.ndarray
  labeled_folds: np.ndarray
  synthetic_folds: np.ndarray


@dataclasses.dataclass(frozen=True)
class Learned:
  """A trained classifier and how it came about.

  Attributes:
    model: embeddings float32 [n, d] -> logits float32 [n, 1].
    synthetic_weight: weight of the synthetic faces, or None where the step
      has none to choose.
    validation: log loss and AUC on the validation folds by candidate weight.
    pseudo_labeled: by round, how many unlabelled photos the student took.
  """
  model: keras.Model
  synthetic_weight: Optional[float] = None
  validation: Dict[str, Dict[str, float]] = dataclasses.field(
      default_factory=dict)
  pseudo_labeled: List[int] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Part:
  """Labelled embeddings and the weight that they have together."""
  data: Labeled
  weight: float


def learn(step: str, data: TrainingSet,
          settings: ClassifierSettings) -> Learned:
  """Trains the classifier of one step of the ladder.

  Args:
    step: `labeled_only`, `labeled_self_training`, `synthetic_only`,
      `synthetic_student`, `semi_supervised` or `ceiling`. The ceiling is
      `labeled_only` for a training set in which every photo has its label.
    data: embeddings, standardised.
    settings: how to learn.
  """
  fitter = fitting.Fitter(data.unlabeled.shape[1], settings)
  weight, validation = None, {}
  if step in STEPS_WITH_LABELS and step in STEPS_WITH_SYNTHETIC:
    weight, validation = _choose_synthetic_weight(step, data, settings, fitter)
  model, counts = _train(step, data, weight, settings, fitter)
  return Learned(model, weight, validation, counts)


def _train(step: str, data: TrainingSet, synthetic_weight: Optional[float],
           settings: ClassifierSettings,
           fitter: fitting.Fitter) -> Tuple[keras.Model, List[int]]:
  """The classifier of a step, and how many photos each student took."""
  parts = teacher_parts(step, data, synthetic_weight)
  teacher = fitter.fit(*flatten(parts))
  if step not in STEPS_WITH_STUDENT:
    return teacher, []
  # A student of synthetic faces learns from photos alone: what it is for is
  # to leave the synthetic domain.
  kept = [] if step == "synthetic_student" else parts
  return _students(teacher, kept, data.unlabeled, settings, fitter)


def teacher_parts(step: str, data: TrainingSet,
                  synthetic_weight: Optional[float]) -> List[Part]:
  """What the teacher of a step learns from.

  Args:
    step: as in `learn`.
    data: as in `learn`.
    synthetic_weight: the weight of all synthetic faces together, in weights
      of all labelled photos together; None where there is only one of them.
  """
  parts = []
  labeled_weight = float(len(data.labeled))
  if step in STEPS_WITH_LABELS:
    parts.append(Part(data.labeled, labeled_weight))
  if step in STEPS_WITH_SYNTHETIC:
    share = 1.0 if synthetic_weight is None else synthetic_weight
    parts.append(Part(data.synthetic, share * labeled_weight))
  return parts


def _choose_synthetic_weight(
    step: str, data: TrainingSet, settings: ClassifierSettings,
    fitter: fitting.Fitter) -> Tuple[float, Dict[str, Dict[str, float]]]:
  """The weight of the synthetic faces, by cross-validation on `labeled`.

  Folds of the labelled photos take turns as the validation part, with the
  synthetic faces that owe nothing to it (`components.folds`). What is
  validated is what will be pushed: the step as a whole, its students
  included, who may gain less from synthetic faces than their teacher. The log
  loss decides, which sees more than accuracy on a few photos. Of all
  candidates whose loss is within one standard error of the best one's, the
  smallest is taken (the one-standard-error rule, Breiman et al. 1984): what
  synthetic faces gain has to be more than chance.

  Returns:
    The weight, and {candidate: {"log_loss", "auc"}}. Where there is one
    candidate, or too few labels to validate on, the smallest and nothing.
  """
  if (len(settings.synthetic_weights) == 1
      or (data.labeled_folds == folds.NO_FOLD).any()):
    return min(settings.synthetic_weights), {}
  labels = data.labeled.labels
  losses, validation = {}, {}
  for candidate in sorted(settings.synthetic_weights):
    scores = _validation_scores(step, data, candidate, settings, fitter)
    losses[candidate] = -np.log(np.clip(
        np.where(labels == 1, scores, 1.0 - scores), 1e-7, 1.0))
    validation[str(candidate)] = {
        "log_loss": float(losses[candidate].mean()),
        "auc": float(metrics.roc_auc_score(labels, scores)),
    }
  best = min(losses, key=lambda candidate: losses[candidate].mean())
  weight = next(candidate for candidate, loss in losses.items()
                if _no_worse(loss, losses[best]))
  return weight, validation


def _validation_scores(step: str, data: TrainingSet, synthetic_weight: float,
                       settings: ClassifierSettings,
                       fitter: fitting.Fitter) -> np.ndarray:
  """Each labelled photo's probability by a classifier that did not see it."""
  scores = np.empty(len(data.labeled))
  for fold in np.unique(data.labeled_folds):
    held_out = data.labeled_folds == fold
    rest = dataclasses.replace(
        data, labeled=data.labeled.rows(~held_out),
        synthetic=data.synthetic.rows(data.synthetic_folds == fold))
    model, _ = _train(step, rest, synthetic_weight, settings, fitter)
    scores[held_out] = predict(model, data.labeled.embeddings[held_out])
  return scores


def _no_worse(loss: np.ndarray, best: np.ndarray) -> bool:
  """Whether losses [n] of the same photos differ by a standard error or less."""
  difference = loss - best
  return difference.mean() <= difference.std(ddof=1) / np.sqrt(len(loss))


def predict(model: keras.Model, embeddings: np.ndarray) -> np.ndarray:
  """Probabilities float64 [n] of having the attribute."""
  logits = np.asarray(model(embeddings), dtype=np.float64)[:, 0]
  return 1.0 / (1.0 + np.exp(-logits))


def _students(teacher: keras.Model, kept: Sequence[Part],
              unlabeled: np.ndarray, settings: ClassifierSettings,
              fitter: fitting.Fitter) -> Tuple[keras.Model, List[int]]:
  """Students that learn from their teacher's confident opinions, in turn."""
  model, counts = teacher, []
  for _ in range(settings.student_rounds):
    probabilities = predict(model, unlabeled)
    confident = (np.abs(probabilities - 0.5) >= settings.confidence - 0.5)
    labels = (probabilities >= 0.5).astype(np.int64)
    counts.append(int(confident.sum()))
    if len(np.unique(labels[confident])) < 2:
      break
    opinions = Labeled(unlabeled[confident], labels[confident])
    model = fitter.fit(*flatten(
        [*kept, Part(opinions, float(len(opinions)))]))
  return model, counts


def flatten(
    parts: Sequence[Part]) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Parts as embeddings [n, d], labels int64 [n] and weights float32 [n].

  The weights are 1 on average; parts without weight or content are left out.
  """
  parts = [part for part in parts if part.weight > 0 and len(part.data)]
  weights = np.concatenate([
      np.full(len(part.data), part.weight / len(part.data)) for part in parts])
  return (np.concatenate([part.data.embeddings for part in parts]),
          np.concatenate([part.data.labels for part in parts]),
          (weights / weights.mean()).astype(np.float32))
