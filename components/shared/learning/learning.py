"""What a classifier learns from: the steps of the ladder.

Every step of the ladder, the pushed model's included, goes through `learn`;
the steps differ in which embeddings they are given and in nothing else.
"""

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np
from sklearn import metrics

from components.shared.data import folds
from components.shared.learning import fitting, propagation
from components.shared.learning.settings import ClassifierSettings

STEPS_WITH_LABELS = ("labeled_only", "labeled_self_training", "semi_supervised", "ceiling")
STEPS_WITH_SYNTHETIC = ("synthetic_only", "synthetic_student", "semi_supervised")
STEPS_WITH_STUDENT = ("labeled_self_training", "synthetic_student", "semi_supervised")


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
      to; see `components.shared.data.folds`.
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
    pseudo_labeled: number of unlabelled photos that it learned from.
  """

  model: keras.Model
  synthetic_weight: float | None = None
  validation: dict[str, dict[str, float]] = dataclasses.field(default_factory=dict)
  pseudo_labeled: int = 0


@dataclasses.dataclass(frozen=True)
class Part:
  """Labelled embeddings and the weight that they have together."""

  data: Labeled
  weight: float


def learn(
  step: str, data: TrainingSet, settings: ClassifierSettings, fitter: fitting.Fitter | None = None
) -> Learned:
  """Trains the classifier of one step of the ladder.

  Args:
    step: `labeled_only`, `labeled_self_training`, `synthetic_only`,
      `synthetic_student`, `semi_supervised` or `ceiling`. The ceiling is
      `labeled_only` for a training set in which every photo has its label.
    data: embeddings, standardised.
    settings: how to learn.
    fitter: of these settings, shared with other steps, since it takes seconds
      to make; default: one of its own.
  """
  fitter = fitter or fitting.Fitter(data.unlabeled.shape[1], settings)
  weight, validation = None, {}
  if step in STEPS_WITH_LABELS and step in STEPS_WITH_SYNTHETIC:
    weight, validation = _choose_synthetic_weight(step, data, settings, fitter)
  photos = _photo_parts(step, data, settings, fitter)
  return Learned(
    fitter.fit(*flatten(_with_synthetic(step, photos, data, weight))),
    weight,
    validation,
    sum(len(part.data) for part in photos if part.data is not data.labeled),
  )


def parts(
  step: str,
  data: TrainingSet,
  synthetic_weight: float | None,
  settings: ClassifierSettings,
  fitter: fitting.Fitter,
) -> list[Part]:
  """What the classifier of a step learns from.

  Args:
    step: as in `learn`.
    data: as in `learn`.
    synthetic_weight: the weight of all synthetic faces together, in weights
      of all photos together; None where there is only one of them.
    settings: how to learn.
    fitter: trains the teacher of `synthetic_student`.

  Returns:
    First photos with labels, then photos with labels that were found, then
    synthetic faces, as far as the step has them.
  """
  photos = _photo_parts(step, data, settings, fitter)
  return _with_synthetic(step, photos, data, synthetic_weight)


def _photo_parts(
  step: str, data: TrainingSet, settings: ClassifierSettings, fitter: fitting.Fitter
) -> list[Part]:
  """What a step learns from photos, whatever the synthetic faces weigh."""
  photos = []
  if step in STEPS_WITH_LABELS:
    photos.append(data.labeled)
  if step in STEPS_WITH_STUDENT:
    photos.append(_pseudo_labeled(step, data, settings, fitter))
  return [Part(part, float(len(part))) for part in photos]


def _with_synthetic(
  step: str, photos: list[Part], data: TrainingSet, synthetic_weight: float | None
) -> list[Part]:
  """The photos and, where the step learns from them, the synthetic faces."""
  if step == "synthetic_only":
    return [Part(data.synthetic, 1.0)]
  if step in STEPS_WITH_LABELS and step in STEPS_WITH_SYNTHETIC:
    together = sum(part.weight for part in photos)
    return [*photos, Part(data.synthetic, synthetic_weight * together)]
  return photos


def _pseudo_labeled(
  step: str, data: TrainingSet, settings: ClassifierSettings, fitter: fitting.Fitter
) -> Labeled:
  """Unlabelled photos with the labels that spread to them.

  From the labelled photos or, where the step may not see these, from those
  that a classifier of synthetic faces is surest of. Synthetic faces
  themselves stay behind: to leave their domain is what the step is for.
  """
  others = data.unlabeled[
    propagation.drawn(len(data.unlabeled), settings.propagation, settings.seed)
  ]
  if step in STEPS_WITH_LABELS:
    labels = data.labeled.labels
    return Labeled(
      others,
      propagation.spread(
        data.labeled.embeddings,
        labels,
        others,
        propagation.positive_share(labels),
        settings.propagation,
      ),
    )
  teacher = fitter.fit(*flatten([Part(data.synthetic, 1.0)]))
  opinions = predict(teacher, others)
  return Labeled(
    others,
    propagation.walk(
      others[:0],
      np.zeros(0, np.int64),
      others,
      propagation.surest(opinions, settings.propagation),
      propagation.positive_share(opinions >= 0.5),
      settings.propagation,
    ),
  )


def _choose_synthetic_weight(
  step: str, data: TrainingSet, settings: ClassifierSettings, fitter: fitting.Fitter
) -> tuple[float, dict[str, dict[str, float]]]:
  """The weight of the synthetic faces, by cross-validation on `labeled`.

  Folds of the labelled photos take turns as the validation part, with the
  synthetic faces that owe nothing to it (`components.shared.data.folds`). What is
  validated is what will be pushed, the unlabelled photos included. The log
  loss decides, which sees more than accuracy on a few photos. Of all
  candidates whose loss is within one standard error of the best one's
  (Breiman et al. 1984) the largest is taken: faces gain most where labels are
  fewest, and there a gain can't be told from chance, while harm can.

  Returns:
    The weight, and {candidate: {"log_loss", "auc"}}. Where there is one
    candidate, or too few labels to validate on, the largest and nothing.
  """
  if len(settings.synthetic_weights) == 1 or (data.labeled_folds == folds.NO_FOLD).any():
    return max(settings.synthetic_weights), {}
  labels = data.labeled.labels
  losses, validation = {}, {}
  for candidate, scores in _validation_scores(step, data, settings, fitter).items():
    losses[candidate] = -np.log(np.clip(np.where(labels == 1, scores, 1.0 - scores), 1e-7, 1.0))
    validation[str(candidate)] = {
      "log_loss": float(losses[candidate].mean()),
      "auc": float(metrics.roc_auc_score(labels, scores)),
    }
  best = min(losses, key=lambda candidate: losses[candidate].mean())
  weight = max(candidate for candidate, loss in losses.items() if _no_worse(loss, losses[best]))
  return weight, validation


def _validation_scores(
  step: str, data: TrainingSet, settings: ClassifierSettings, fitter: fitting.Fitter
) -> dict[float, np.ndarray]:
  """Each labelled photo's probability by a classifier that did not see it.

  Returns:
    float64 [n] by candidate for the synthetic faces' weight, in ascending
    order.
  """
  candidates = sorted(settings.synthetic_weights)
  scores = {candidate: np.empty(len(data.labeled)) for candidate in candidates}
  for fold in np.unique(data.labeled_folds):
    held_out = data.labeled_folds == fold
    rest = dataclasses.replace(
      data,
      labeled=data.labeled.rows(~held_out),
      synthetic=data.synthetic.rows(data.synthetic_folds == fold),
    )
    photos = _photo_parts(step, rest, settings, fitter)
    for candidate in candidates:
      model = fitter.fit(*flatten(_with_synthetic(step, photos, rest, candidate)))
      scores[candidate][held_out] = predict(model, data.labeled.embeddings[held_out])
  return scores


def _no_worse(loss: np.ndarray, best: np.ndarray) -> bool:
  """Whether losses [n] of the same photos differ by a standard error or less."""
  difference = loss - best
  return difference.mean() <= difference.std(ddof=1) / np.sqrt(len(loss))


def predict(model: keras.Model, embeddings: np.ndarray) -> np.ndarray:
  """Probabilities float64 [n] of having the attribute."""
  logits = np.asarray(model(embeddings), dtype=np.float64)[:, 0]
  return 1.0 / (1.0 + np.exp(-logits))


def flatten(given: Sequence[Part]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Parts as embeddings [n, d], labels int64 [n] and weights float32 [n].

  The weights are 1 on average; parts without weight or content are left out.
  """
  used = [part for part in given if part.weight > 0 and len(part.data)]
  weights = np.concatenate([np.full(len(part.data), part.weight / len(part.data)) for part in used])
  return (
    np.concatenate([part.data.embeddings for part in used]),
    np.concatenate([part.data.labels for part in used]),
    (weights / weights.mean()).astype(np.float32),
  )
