"""What more labels would be worth: a learning curve of the labelled photos.

Classifiers learn from random parts of the labels and are judged on the rest, by
the area under the ROC. The error 1 - AUC falls with the number of labels about
as a power of it (Cortes et al. 1994, "Learning curves: asymptotic values and
rate of convergence", with the asymptote at 0), which carries on beyond what is
there.
"""

from typing import Any

import numpy as np
from sklearn import metrics

from components.shared.learning import committee, learning, logistic
from components.shared.learning.settings import ClassifierSettings

_SHARES = (0.3, 0.4, 0.55, 0.7, 0.8)
_DRAWS = 12
_LEAST = 20
_RESAMPLES = 500


def forecast(
  labeled: learning.Labeled, blocks: tuple[int, ...], settings: ClassifierSettings
) -> dict[str, Any] | None:
  """Fits the curve, and reads off what twice the labels would give.

  Args:
    labeled: the labelled photos, embeddings standardised.
    blocks: widths of the embedding's parts.
    settings: of the classifier.

  Returns:
    `points`: by number of labels the mean AUC on the rest; `labels`, how many
    more are asked about; `gain` in AUC by them and its 95% interval `gain_ci95`
    (over draws). None with fewer than 20 labels or 6 of a class.
  """
  labels = labeled.labels
  smaller = int(min(labels.sum(), (1 - labels).sum()))
  if len(labels) < _LEAST or smaller < 6:
    return None
  rng = np.random.default_rng(settings.seed)
  used = []
  for share in _SHARES:
    for _ in range(_DRAWS):
      rows = np.zeros(len(labels), bool)
      for label in (0, 1):
        of_class = np.flatnonzero(labels == label)
        rows[rng.permutation(of_class)[: max(2, round(share * len(of_class)))]] = True
      used.append(rows)
  masks = np.stack(used)
  areas = _areas(labeled, blocks, masks, settings).reshape(len(_SHARES), _DRAWS)
  counts = masks.sum(axis=1).reshape(len(_SHARES), _DRAWS).mean(axis=1)
  now, then = len(labels), 2 * len(labels)
  gains = []
  for _ in range(_RESAMPLES):
    drawn = areas[:, rng.integers(0, _DRAWS, _DRAWS)].mean(axis=1)
    gains.append(_gain(counts, drawn, now, then))
  return {
    "points": {
      str(round(count)): float(area) for count, area in zip(counts, areas.mean(axis=1), strict=True)
    },
    "labels": then - now,
    "gain": float(_gain(counts, areas.mean(axis=1), now, then)),
    "gain_ci95": [float(value) for value in np.percentile(gains, [2.5, 97.5])],
  }


def _areas(
  labeled: learning.Labeled,
  blocks: tuple[int, ...],
  masks: np.ndarray,
  settings: ClassifierSettings,
) -> np.ndarray:
  """AUC on the photos that each mask leaves out, float64 [masks]."""
  labels = labeled.labels
  base = learning.base(labeled, blocks, settings)
  weights = np.stack([learning.balanced(labels, rows) for rows in masks])
  targets = np.broadcast_to(labels, weights.shape).astype(np.float64)
  logits = []
  for first, last in learning.ranges(blocks):
    x = labeled.embeddings[:, first:last]
    kernels, biases = logistic.fit(x, targets, weights, np.full(len(masks), base.strength))
    logits.append(kernels @ x.T + biases[:, None])
  scores = committee.joined(np.stack(logits, axis=-1), base.shares)
  return np.array(
    [
      metrics.roc_auc_score(labels[~rows], score[~rows])
      for rows, score in zip(masks, scores, strict=True)
    ]
  )


def _gain(counts: np.ndarray, areas: np.ndarray, now: int, then: int) -> float:
  """By the line through log(1 - AUC) over log(labels), which never rises."""
  slope, height = np.polyfit(np.log(counts), np.log(np.maximum(1 - areas, 1e-4)), 1)
  slope = min(slope, 0.0)
  return float(np.exp(height + slope * np.log(now)) - np.exp(height + slope * np.log(then)))
