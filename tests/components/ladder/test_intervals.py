"""Intervals against a bootstrap, and at their ends."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from components.shared.learning import intervals


def draw(n, shift, seed=0):
  rng = np.random.default_rng(seed)
  labels = np.arange(n) % 2
  return labels, rng.normal(size=n) + shift * labels


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_auc_as_by_bootstrap(shift):
  labels, scores = draw(200, shift)
  rng = np.random.default_rng(0)
  draws = (rng.integers(0, len(labels), len(labels)) for _ in range(500))
  # A percentile interval lies about its estimate as this one does.
  expected = np.percentile(
    [metrics.roc_auc_score(labels[rows], scores[rows]) for rows in draws], [2.5, 97.5]
  )
  interval = intervals.of_auc(labels, scores)
  assert interval == pytest.approx(tuple(expected), abs=0.02)
  assert interval[0] < metrics.roc_auc_score(labels, scores) < interval[1]


def test_more_photos_make_it_narrower():
  few, many = (np.diff(intervals.of_auc(*draw(n, 1.0)))[0] for n in (50, 5000))
  assert many < few / 5


def test_covers_the_truth():
  truth = stats.norm.cdf(1.5 / np.sqrt(2))
  covered = [
    low <= truth <= high
    for low, high in (intervals.of_auc(*draw(94, 1.5, seed)) for seed in range(300))
  ]
  assert 0.92 <= np.mean(covered) <= 0.98


def test_ties_and_constants():
  labels = np.array([1, 1, 0, 0])
  assert intervals.of_auc(labels, np.ones(4)) == pytest.approx((0.5, 0.5))
  low, high = intervals.of_auc(labels, np.array([2.0, 2.0, 1.0, 1.0]))
  assert low < 0.5 and high == pytest.approx(1.0)
  low, high = intervals.of_auc(np.array([1, 0, 0]), np.array([2.0, 3.0, 1.0]))
  assert (low, high) == (0.0, 1.0)


def test_share_is_wilsons():
  low, high = intervals.of_share(9, 10)
  assert (low, high) == pytest.approx((0.5958, 0.9821), abs=1e-4)


def _pair(n, seed):
  """Labels, and scores of two related classifiers; the first is the better."""
  rng = np.random.default_rng(seed)
  labels = np.arange(n) % 2
  common = rng.normal(size=n)
  return (
    labels,
    common + 0.5 * rng.normal(size=n) + 1.5 * labels,
    common + 0.5 * rng.normal(size=n) + 1.0 * labels,
  )


def test_difference_covers_the_truth_and_is_narrower_than_unpaired():
  spread = np.sqrt(2 * 1.25)
  truth = stats.norm.cdf(1.5 / spread) - stats.norm.cdf(1.0 / spread)
  found = [intervals.of_auc_difference(*_pair(94, seed))[1] for seed in range(300)]
  assert 0.92 <= np.mean([low <= truth <= high for low, high in found]) <= 0.98
  labels, ours, theirs = _pair(94, 0)
  difference, (low, high) = intervals.of_auc_difference(labels, ours, theirs)
  assert difference == pytest.approx(
    metrics.roc_auc_score(labels, ours) - metrics.roc_auc_score(labels, theirs)
  )
  unpaired = sum(np.diff(intervals.of_auc(labels, scores))[0] for scores in (ours, theirs))
  assert high - low < unpaired


def test_two_perfect_classifiers_may_differ_elsewhere():
  labels = np.arange(36) % 2
  difference, (low, high) = intervals.of_auc_difference(labels, labels + 1.0, labels * 2.0)
  assert difference == 0 and low == -high and 0.1 < high < 0.2
  assert intervals.of_auc_difference(labels, labels, labels) == (0.0, (0.0, 0.0))
