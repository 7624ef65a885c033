"""Many logistic regressions at once."""

import numpy as np
import pytest
from sklearn import linear_model

from components.shared.learning import committee, logistic


def drawn(count=80, width=12, seed=0):
  rng = np.random.default_rng(seed)
  x = rng.normal(size=(count, width)).astype(np.float32)
  labels = (x[:, 0] + rng.normal(size=count) > 0.3).astype(float)
  return x, labels, rng


@pytest.mark.parametrize("width", [12, 200])
@pytest.mark.parametrize("strength", [0.05, 1.0, 100.0])
def test_as_scikit_learn(strength, width):
  """Also with more dimensions than rows."""
  x, labels, rng = drawn(width=width)
  weights = rng.uniform(0.2, 2, [2, len(x)])
  kernels, biases = logistic.fit(x, np.stack([labels, labels]), weights, np.full(2, strength))
  for kernel, bias, weight in zip(kernels, biases, weights, strict=True):
    expected = linear_model.LogisticRegression(C=strength, tol=1e-8, max_iter=2000).fit(
      x, labels, sample_weight=weight
    )
    np.testing.assert_allclose(kernel, expected.coef_[0], rtol=0.02, atol=0.003)
    assert bias == pytest.approx(expected.intercept_[0], abs=0.005)


def test_a_soft_target_is_both_labels():
  x, labels, _ = drawn()
  soft = np.where(labels == 1, 0.8, 0.3)
  (one,), _ = logistic.fit(x, soft[None], np.ones([1, len(x)]), np.ones(1))
  (other,), _ = logistic.fit(
    np.concatenate([x, x]),
    np.repeat([[1.0, 0.0]], len(x), axis=1),
    np.concatenate([soft, 1 - soft])[None],
    np.ones(1),
  )
  np.testing.assert_allclose(one, other, atol=1e-3)


def test_rows_without_weight_are_left_out():
  x, labels, _ = drawn()
  used = np.arange(len(x)) < 50
  (kernel,), _ = logistic.fit(x, labels[None], used[None].astype(float), np.ones(1))
  (expected,), _ = logistic.fit(x[:50], labels[None, :50], np.ones([1, 50]), np.ones(1))
  np.testing.assert_allclose(kernel, expected, atol=1e-4)


def test_classes_that_can_be_parted():
  x = np.linspace(-1, 1, 20, dtype=np.float32)[:, None]
  kernels, _ = logistic.fit(x, (x > 0).T.astype(float), np.ones([1, 20]), np.array([1e6]))
  assert np.isfinite(kernels).all() and kernels[0, 0] > 5


def test_a_committee_is_no_more_than_its_members():
  logits = np.array([[2.0, -1.0], [0.0, 0.0]])
  np.testing.assert_allclose(committee.joined(logits, np.array([1.0, 0.0])), [2, 0], atol=1e-6)
  between = committee.joined(logits, np.array([0.5, 0.5]))
  assert -1 < between[0] < 2 and between[1] == pytest.approx(0)
