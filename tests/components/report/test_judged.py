"""Photos by loss, and whose label is suspicious."""

import math

import numpy as np
import pytest

from components.report import judged

# Of so few photos cleanlab says that it may miss some.
pytestmark = pytest.mark.filterwarnings("ignore:May not flag:UserWarning")


def test_sorted_by_loss():
  photos = judged.audited(
    ["a", "b", "c"], np.array([1, 0, 1]), np.array([0.9, 0.8, 0.6]), np.array([True, True, True])
  )
  assert [photo.image_id for photo in photos] == ["b", "c", "a"]
  assert photos[0].loss == pytest.approx(-math.log(0.2))
  assert [photo.right for photo in photos] == [False, True, True]


def test_certain_and_wrong_is_finite():
  photo, _ = judged.audited(
    ["a", "b"], np.array([1, 0]), np.array([0.0, 0.0]), np.array([False, False])
  )
  assert photo.image_id == "a" and math.isfinite(photo.loss)


def test_flipped_labels_are_suspects_in_the_audits_order():
  rng = np.random.default_rng(0)
  truth = np.arange(60) % 2
  probabilities = np.clip(truth * 0.9 + 0.05 + rng.normal(0, 0.02, 60), 0, 1)
  labels = truth.copy()
  labels[[3, 10, 21]] ^= 1
  photos = judged.audited([str(n) for n in range(60)], labels, probabilities, probabilities >= 0.5)
  assert set(judged.suspects(photos)) == {"3", "10", "21"}
  assert {photo.image_id for photo in photos[:3]} == {"3", "10", "21"}


def test_one_class_has_no_suspects():
  photos = judged.audited(
    ["a", "b"], np.array([1, 1]), np.array([0.1, 0.9]), np.array([False, True])
  )
  assert judged.suspects(photos) == []
