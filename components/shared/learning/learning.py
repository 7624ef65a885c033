"""What a classifier learns from: the steps of the ladder.

Every step of the ladder, the pushed model's included, goes through `learn`;
the steps differ in which embeddings they are given and in nothing else.

All that there is to choose is chosen by cross-validation on the labelled
photos: how strong the regularisation is, which depths are listened to, and
whether labels that spread to other photos, and synthetic faces, do more good
than harm. A classifier with either is taken only where its log loss is lower by
more than one standard error than without (Breiman et al. 1984): towards the
simpler, so that no attribute is worse off for them but by chance. Depths and
regularisation are chosen anew within each fold, so that what is compared is not
flattered.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn import linear_model, metrics, model_selection

from components.shared.data import folds
from components.shared.learning import committee, logistic, propagation
from components.shared.learning.committee import Committee
from components.shared.learning.settings import ClassifierSettings

STEPS_WITH_LABELS = ("labeled_only", "labeled_self_training", "semi_supervised", "ceiling")
STEPS_WITH_SYNTHETIC = ("synthetic_only", "synthetic_student", "semi_supervised")
STEPS_WITH_STUDENT = ("labeled_self_training", "synthetic_student", "semi_supervised")

_REPEATS = 4
_FOLDS = 5
_LEAST_GAIN = 0.05
"""Of a depth's AUC over chance; what is below can't be told from it."""
_LEAST_SLOPE = 0.1
"""Of a calibration, so that the order of photos stays."""
_LEAST_TO_CALIBRATE = 6
"""Labels of the smaller class, below which a calibration would follow noise."""


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
    blocks: widths of the parts of an embedding, d in all: the depths.
  """

  labeled: Labeled
  synthetic: Labeled
  unlabeled: np.ndarray
  labeled_folds: np.ndarray
  synthetic_folds: np.ndarray
  blocks: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Learned:
  """A trained classifier and how it came about.

  Attributes:
    model: the classifier.
    spread_weight: of the labels that spread to unlabelled photos, all together
      in weights of the labelled ones; None where the step has none to choose.
    synthetic_weight: of the synthetic faces, likewise.
    choices: what was chosen from what, for people; see `_choice`.
    pseudo_labeled: number of unlabelled photos that it learned from.
  """

  model: Committee
  spread_weight: float | None = None
  synthetic_weight: float | None = None
  choices: tuple[dict[str, Any], ...] = ()
  pseudo_labeled: int = 0


@dataclasses.dataclass(frozen=True)
class Part:
  """Embeddings [n, d], the chance float [n] that each has the attribute, and
  the weight that they have together."""

  embeddings: np.ndarray
  targets: np.ndarray
  weight: float


@dataclasses.dataclass(frozen=True)
class Base:
  """What the labelled photos alone decide: C, and each depth's share.

  Attributes:
    strength: C of the regressions.
    shares: float64 [depths].
    choices: what these were chosen from; nothing with too few labels to choose.
  """

  strength: float
  shares: np.ndarray
  choices: tuple[dict[str, Any], ...] = ()


def learn(step: str, data: TrainingSet, settings: ClassifierSettings) -> Learned:
  """Trains the classifier of one step of the ladder.

  Args:
    step: `labeled_only`, `labeled_self_training`, `synthetic_only`,
      `synthetic_student`, `semi_supervised` or `ceiling`. The ceiling is
      `labeled_only` for a training set in which every photo has its label.
    data: embeddings, standardised.
    settings: how to learn.
  """
  if step not in STEPS_WITH_LABELS:
    return _without_labels(step, data, settings)
  if step == "ceiling":
    data = dataclasses.replace(data, labeled_folds=_folds(data.labeled.labels, settings.seed))
  alone = base(data.labeled, data.blocks, settings)
  validation = _Validation(data, settings)
  spread, synthetic, choices = 0.0, 0.0, list(alone.choices)
  if step in STEPS_WITH_STUDENT:
    (spread, _), made = _chosen(
      "labels that spread to unlabelled photos",
      0,
      [(weight, 0.0) for weight in sorted(settings.spread_weights)],
      validation,
    )
    choices += made
  if step in STEPS_WITH_SYNTHETIC:
    (spread, synthetic), made = _chosen(
      "synthetic faces",
      1,
      [(spread, weight) for weight in sorted(settings.synthetic_weights)],
      validation,
    )
    choices += made
  found = parts(data, spread, synthetic, settings)
  fitted = _fit(found, alone, data.blocks)
  if alone.choices and validation.possible:
    fitted = _calibrated(fitted, validation.scores(spread, synthetic), data, settings)
  return Learned(
    fitted,
    spread if step in STEPS_WITH_STUDENT else None,
    synthetic if step in STEPS_WITH_SYNTHETIC else None,
    tuple(choices),
    min(len(data.unlabeled), settings.propagation.max_photos) if spread else 0,
  )


def parts(
  data: TrainingSet,
  spread: float,
  synthetic: float,
  settings: ClassifierSettings,
  pseudo_labeled: Part | None = None,
) -> list[Part]:
  """What a classifier with labels learns from; what weighs nothing is left
  out.

  Args:
    data: as in `learn`.
    spread: weight of all spread labels together, in weights of all labelled
      photos together.
    synthetic: weight of all synthetic faces together, likewise.
    settings: how to learn.
    pseudo_labeled: what `pseudo_labels` gives of these data, if it is known.
  """
  count = float(len(data.labeled))
  found = [Part(data.labeled.embeddings, data.labeled.labels.astype(np.float64), count)]
  if spread and len(data.unlabeled):
    others = pseudo_labeled or pseudo_labels(data, settings)
    found.append(dataclasses.replace(others, weight=spread * count))
  if synthetic and len(data.synthetic):
    found.append(_synthetic_part(data.synthetic, synthetic * count, settings))
  return found


def pseudo_labels(data: TrainingSet, settings: ClassifierSettings) -> Part:
  """Unlabelled photos, and the labels that spread to them from the labelled."""
  others = _drawn(data.unlabeled, settings.propagation.max_photos, settings.seed)
  labels = data.labeled.labels
  spread = propagation.spread(
    data.labeled.embeddings,
    labels,
    others,
    propagation.positive_share(labels),
    settings.propagation,
  )
  return Part(others, spread, float(len(others)))


def flatten(given: Sequence[Part]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Parts as embeddings [n, d], targets and weights float64 [n].

  In each part both classes weigh the same, so that what is learned is where a
  class lies and not how many there are; that is calibrated afterwards.
  """
  weights = []
  for part in given:
    positive = max(part.targets.sum(), 1e-9)
    negative = max((1 - part.targets).sum(), 1e-9)
    balanced = part.targets / positive + (1 - part.targets) / negative
    weights.append(part.weight * balanced / balanced.sum())
  return (
    np.concatenate([part.embeddings for part in given]),
    np.concatenate([part.targets for part in given]),
    np.concatenate(weights),
  )


def _without_labels(step: str, data: TrainingSet, settings: ClassifierSettings) -> Learned:
  """`synthetic_only`, and `synthetic_student`: the unlabelled photos with the
  labels that spread from those which a classifier of synthetic faces is surest
  of. The faces themselves stay behind: to leave their domain is what it is
  for."""
  blocks = len(data.blocks)
  alone = Base(max(settings.strengths), np.full(blocks, 1 / blocks))
  faces = _synthetic_part(data.synthetic, float(len(data.synthetic)), settings)
  teacher = _fit([faces], alone, data.blocks)
  if step == "synthetic_only":
    return Learned(teacher)
  others = _drawn(data.unlabeled, settings.propagation.max_photos, settings.seed)
  opinions = teacher.probabilities(others)
  targets = propagation.walk(
    others[:0],
    np.zeros(0, np.int64),
    others,
    propagation.surest(opinions, settings.propagation),
    propagation.positive_share(opinions >= committee.THRESHOLD),
    settings.propagation,
  )
  return Learned(
    _fit([Part(others, targets, float(len(others)))], alone, data.blocks),
    pseudo_labeled=len(others),
  )


def _synthetic_part(faces: Labeled, weight: float, settings: ClassifierSettings) -> Part:
  rows = _drawn(np.arange(len(faces)), settings.max_synthetic, settings.seed)
  return Part(faces.embeddings[rows], faces.labels[rows].astype(np.float64), weight)


def _drawn(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
  """At most so many rows, in their order."""
  if len(rows) <= most:
    return rows
  return rows[np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))]


def _fit(found: Sequence[Part], alone: Base, blocks: Sequence[int]) -> Committee:
  """One classifier."""
  embeddings, targets, weights = flatten(found)
  kernels = np.zeros([sum(blocks), len(blocks)], np.float32)
  biases = np.zeros(len(blocks), np.float32)
  for member, (first, last) in enumerate(ranges(blocks)):
    kernel, bias = logistic.fit(
      embeddings[:, first:last], targets[None], weights[None], np.array([alone.strength])
    )
    kernels[first:last, member], biases[member] = kernel[0], bias[0]
  return Committee(kernels, biases, alone.shares.astype(np.float32))


def ranges(blocks: Sequence[int]) -> list[tuple[int, int]]:
  """Where each part of an embedding begins and ends."""
  ends = np.cumsum(blocks)
  return [(int(end - width), int(end)) for end, width in zip(ends, blocks, strict=True)]


def base(
  labeled: Labeled, blocks: Sequence[int], settings: ClassifierSettings, repeats: int = _REPEATS
) -> Base:
  """C by log loss, and each depth's share by the AUC that it reaches alone:
  (AUC - 0.5) to the power of `depth_power`, 1 in all, by a cross-validation
  that is repeated."""
  held_out = _held_out(labeled.labels, settings.seed, repeats)
  if held_out is None:
    return Base(min(settings.strengths), np.full(len(blocks), 1 / len(blocks)))
  labels, count = labeled.labels, len(held_out)
  weights = np.stack([balanced(labels, ~rows) for rows in held_out])
  strengths = np.repeat(np.asarray(sorted(settings.strengths), float), count)
  tiled = np.tile(weights, [len(settings.strengths), 1])
  logits = []
  for first, last in ranges(blocks):
    x = labeled.embeddings[:, first:last]
    kernels, biases = logistic.fit(
      x, np.broadcast_to(labels, tiled.shape).astype(np.float64), tiled, strengths
    )
    fitted = (kernels @ x.T + biases[:, None]).reshape(len(settings.strengths), count, -1)
    logits.append(fitted)
  every = np.stack(logits, axis=-1)  # [strengths, masks, n, members]
  # Each repeat's folds together are one opinion on every photo.
  unseen = np.where(held_out[None, :, :, None], every, 0).reshape(
    len(settings.strengths), repeats, -1, *every.shape[2:]
  )
  unseen = unseen.sum(axis=2)  # [strengths, repeats, n, members]
  candidates = []
  for values in unseen:
    areas = np.mean(
      [[metrics.roc_auc_score(labels, of_member) for of_member in repeat.T] for repeat in values],
      axis=0,
    )
    shares = np.maximum(areas - 0.5, _LEAST_GAIN) ** settings.depth_power
    shares /= shares.sum()
    candidates.append((areas, shares, committee.joined(values, shares).mean(axis=0)))
  losses = [_losses(scores, labels) for _, _, scores in candidates]
  best = int(np.argmin([loss.mean() for loss in losses]))
  areas, shares, _ = candidates[best]
  values = sorted(settings.strengths)
  return Base(
    values[best],
    shares,
    (
      _choice(
        "regularisation (C)",
        f"{values[best]:g}",
        [f"{value:g}" for value in values],
        [scores for _, _, scores in candidates],
        labels,
      ),
      {
        "choice": "depths",
        "chosen": ", ".join(f"{share:.0%}" for share in shares),
        "candidates": [
          {"name": str(member), "cv_auc": float(area)} for member, area in enumerate(areas)
        ],
      },
    ),
  )


def _held_out(labels: np.ndarray, seed: int, repeats: int) -> np.ndarray | None:
  """Which photos each fit of a repeated cross-validation does not see, bool
  [fits, n]; None with fewer than three photos of a class."""
  smaller = int(min(labels.sum(), (1 - labels).sum()))
  if smaller < 3:
    return None
  masks = []
  for repeat in range(repeats):
    splitter = model_selection.StratifiedKFold(
      min(_FOLDS, smaller), shuffle=True, random_state=seed + repeat
    )
    for _, rows in splitter.split(labels, labels):
      masks.append(np.isin(np.arange(len(labels)), rows))
  return np.stack(masks)


def _folds(labels: np.ndarray, seed: int) -> np.ndarray:
  """Folds [n] that owe nothing to synthetic faces."""
  held_out = _held_out(labels, seed, repeats=1)
  return np.full(len(labels), folds.NO_FOLD) if held_out is None else held_out.argmax(axis=0)


def balanced(labels: np.ndarray, used: np.ndarray) -> np.ndarray:
  """Weights [n] of the labels that are used: as many in all, half a class."""
  weights = np.zeros(len(labels))
  for label in (0, 1):
    rows = used & (labels == label)
    weights[rows] = used.sum() / (2 * max(rows.sum(), 1))
  return weights


class _Validation:
  """Cross-validation on the labelled photos.

  Folds take turns as the validation part, with the synthetic faces that owe
  nothing to it (`components.shared.data.folds`). What the classifiers of a fold
  have in common is found once.

  Attributes:
    labels: of the labelled photos.
    possible: False with too few labels to validate on.
  """

  def __init__(self, data: TrainingSet, settings: ClassifierSettings):
    self.labels = data.labeled.labels
    self.possible = not (data.labeled_folds == folds.NO_FOLD).any()
    self._data = data
    self._settings = settings
    self._bases: dict[int, Base] = {}
    self._pseudo_labeled: dict[int, Part] = {}
    self._scores: dict[tuple[float, float], np.ndarray] = {}

  def scores(self, spread: float, synthetic: float) -> np.ndarray:
    """Each labelled photo's logit by a classifier that did not see it, float64 [n].

    Args:
      spread, synthetic: the weights, as in `parts`.
    """
    if (spread, synthetic) not in self._scores:
      found = np.zeros(len(self.labels))
      for fold in np.unique(self._data.labeled_folds):
        held_out = self._data.labeled_folds == fold
        fitted = self._fit(int(fold), ~held_out, spread, synthetic)
        found[held_out] = fitted.scores(self._data.labeled.embeddings[held_out])
      self._scores[spread, synthetic] = found
    return self._scores[spread, synthetic]

  def _fit(self, fold: int, used: np.ndarray, spread: float, synthetic: float) -> Committee:
    data, settings = self._data, self._settings
    rest = dataclasses.replace(
      data,
      labeled=data.labeled.rows(used),
      synthetic=data.synthetic.rows(data.synthetic_folds == fold),
    )
    if fold not in self._bases:
      self._bases[fold] = base(rest.labeled, data.blocks, settings, repeats=1)
    if spread and len(data.unlabeled) and fold not in self._pseudo_labeled:
      self._pseudo_labeled[fold] = pseudo_labels(rest, settings)
    found = parts(rest, spread, synthetic, settings, self._pseudo_labeled.get(fold))
    return _fit(found, self._bases[fold], data.blocks)


def _chosen(
  name: str, varied: int, candidates: list[tuple[float, float]], validation: _Validation
) -> tuple[tuple[float, float], list[dict[str, Any]]]:
  """Weights of spread labels and of synthetic faces, by cross-validation.

  Returns:
    The first of the candidates, the simplest, unless another one's log loss
    is lower by more than a standard error; and what was seen. Where there is
    one candidate, or too few labels to validate on, the last and nothing.
  """
  if len(candidates) == 1 or not validation.possible:
    return candidates[-1], []
  labels = validation.labels
  scores = [validation.scores(*candidate) for candidate in candidates]
  losses = [_losses(each, labels) for each in scores]
  best = min(losses, key=lambda loss: loss.mean())
  chosen = next(number for number, loss in enumerate(losses) if _no_worse(loss, best))
  names = [f"{candidate[varied]:g}" for candidate in candidates]
  return candidates[chosen], [_choice(name, names[chosen], names, scores, labels)]


def _calibrated(
  fitted: Committee, scores: np.ndarray, data: TrainingSet, settings: ClassifierSettings
) -> Committee:
  """With Platt's slope and intercept, and the threshold.

  Args:
    fitted: the classifier.
    scores: logits [n] of the labelled photos by classifiers that did not see
      them.
    data: with the labels of the photos.
    settings: how the labelled photos were drawn.
  """
  labels = data.labeled.labels
  if min(labels.sum(), (1 - labels).sum()) < _LEAST_TO_CALIBRATE:
    return fitted
  slope, intercept = _platt(scores, labels)
  calibrated = dataclasses.replace(fitted, slope=slope, intercept=intercept)
  share = float((labels.sum() + 0.5) / (len(labels) + 1))
  if settings.label_sampling == "stratified" and len(data.unlabeled):
    natural = natural_share(calibrated.probabilities(data.unlabeled), share)
    shift = committee.logit(np.array(natural)) - committee.logit(np.array(share))
    calibrated = dataclasses.replace(calibrated, intercept=intercept + float(shift))
    share = natural
  if settings.threshold == "balanced":
    calibrated = dataclasses.replace(calibrated, threshold=share)
  return calibrated


def natural_share(probabilities: np.ndarray, assumed: float) -> float:
  """The share of positives among photos, where labels were drawn otherwise.

  Expectation maximisation (Saerens, Latinne and Decaestecker 2002).

  Args:
    probabilities: float [n], by a classifier calibrated on photos of which
      `assumed` have the attribute.
    assumed: between 0 and 1.
  """
  share = assumed
  for _ in range(200):
    positive = probabilities * share / assumed
    negative = (1 - probabilities) * (1 - share) / (1 - assumed)
    share = float(np.clip(np.mean(positive / (positive + negative)), 1e-3, 1 - 1e-3))
  return share


def _platt(scores: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
  """Slope, above 0, and intercept that turn logits into chances."""
  model = linear_model.LogisticRegression(C=10.0).fit(scores[:, None], labels)
  slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
  if slope < _LEAST_SLOPE:
    return _LEAST_SLOPE, float(committee.logit(labels.mean()) - _LEAST_SLOPE * scores.mean())
  return slope, intercept


def _losses(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
  """Log loss [n] of each photo, by the logits' best calibration."""
  slope, intercept = _platt(scores, labels)
  chances = committee.sigmoid(slope * scores + intercept)
  return -np.log(np.clip(np.where(labels == 1, chances, 1 - chances), 1e-7, 1))


def _no_worse(loss: np.ndarray, best: np.ndarray) -> bool:
  """Whether losses [n] of the same photos differ by a standard error or less."""
  difference = loss - best
  return difference.mean() <= difference.std(ddof=1) / np.sqrt(len(loss))


def _choice(
  name: str, chosen: str, names: Sequence[str], scores: Sequence[np.ndarray], labels: np.ndarray
) -> dict[str, Any]:
  """A row for people: `choice`, `chosen`, and of each of the `candidates` the
  `name`, `cv_log_loss`, its difference to the chosen one's standard error
  `se`, and `cv_auc`."""
  losses = [_losses(each, labels) for each in scores]
  reference = losses[list(names).index(chosen)]
  return {
    "choice": name,
    "chosen": chosen,
    "candidates": [
      {
        "name": candidate,
        "cv_log_loss": float(loss.mean()),
        "se": float((loss - reference).std(ddof=1) / np.sqrt(len(loss))),
        "cv_auc": float(metrics.roc_auc_score(labels, each)),
      }
      for candidate, loss, each in zip(names, losses, scores, strict=True)
    ],
  }
