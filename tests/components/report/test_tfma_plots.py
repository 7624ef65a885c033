"""Curves out of TFMA's counts, against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from components.report import charts, tfma_plots


def matrices(labels, scores, thresholds):
  """As TFMA writes them: what is 0 is left out."""
  for threshold in thresholds:
    found = scores > threshold
    counts = {
      "threshold": threshold,
      "truePositives": (found & (labels == 1)).sum(),
      "falsePositives": (found & (labels == 0)).sum(),
      "trueNegatives": (~found & (labels == 0)).sum(),
      "falseNegatives": (~found & (labels == 1)).sum(),
    }
    yield {name: float(value) for name, value in counts.items() if value}


@pytest.fixture(name="drawn")
def draw():
  rng = np.random.default_rng(0)
  labels = rng.integers(0, 2, 200)
  return labels, np.clip(rng.normal(0.35 + 0.3 * labels, 0.2), 0.001, 0.999)


def test_curves(drawn):
  labels, scores = drawn
  confusion = tfma_plots._confusion(list(matrices(labels, scores, np.linspace(1, 0, 1001))))
  assert list(confusion.thresholds) == sorted(confusion.thresholds)
  area = metrics.auc(confusion.false_positive_rate, confusion.recall)
  assert area == pytest.approx(metrics.roc_auc_score(labels, scores), abs=2e-3)
  at = confusion.at(0.5)
  assert at == dict(
    zip(
      ("true_negatives", "false_positives", "false_negatives", "true_positives"),
      metrics.confusion_matrix(labels, scores > 0.5).ravel(),
      strict=True,
    )
  )
  assert confusion.precision[-1] == 1.0  # Of none.


def test_calibration_puts_buckets_together(drawn):
  labels, scores = drawn
  buckets = []
  for low in np.arange(100) / 100:
    inside = (scores >= low) & (scores < low + 0.01)
    buckets.append(
      {
        "numWeightedExamples": float(inside.sum()),
        "totalWeightedLabel": float(labels[inside].sum()),
        "totalWeightedRefinedPrediction": scores[inside].sum(),
      }
    )
  found = tfma_plots._calibration([{}, *buckets, {}], 10)
  assert found.photos.sum() == len(labels)
  assert (found.observed * found.photos).sum() == pytest.approx(labels.sum())
  assert (found.predicted * found.photos).sum() == pytest.approx(scores.sum())
  assert len(found.photos) <= 10 and (np.diff(found.predicted) > 0).all()


def test_the_same_figures_give_the_same_bytes(drawn):
  confusion = tfma_plots._confusion(list(matrices(*drawn, np.linspace(1, 0, 11))))
  first, second = (charts.roc(confusion, 0.5) for _ in range(2))
  assert first == second
  assert 'role="img" aria-label="ROC' in first and "threshold 0.5" in first
