"""Folds of the labelled photos."""

import numpy as np
import pytest

from components.shared.data import folds


def photos(positives, negatives):
  labels = np.array([1] * positives + [0] * negatives)[:, np.newaxis]
  return [f"{n:06d}.jpg".encode() for n in range(len(labels))], labels


@pytest.mark.parametrize(
  "positives, negatives, count", [(42, 57, 5), (3, 50, 3), (4, 4, 4), (5, 6, 5)]
)
def test_every_fold_leaves_two_of_each_class(positives, negatives, count):
  names, labels = photos(positives, negatives)
  assigned = folds.assign(names, labels)
  assert set(assigned) == set(range(count))
  for fold in range(count):
    assert set(labels[assigned == fold, 0]) == {0, 1}
    assert np.bincount(labels[assigned != fold, 0]).min() >= 2


def test_too_few_of_a_class():
  names, labels = photos(2, 50)
  assert set(folds.assign(names, labels)) == {folds.NO_FOLD}


def test_by_name_and_not_by_position():
  names, labels = photos(20, 20)
  order = np.random.default_rng(0).permutation(40)
  shuffled = folds.assign([names[i] for i in order], labels[order])
  np.testing.assert_array_equal(shuffled, folds.assign(names, labels)[order])


def test_classes_of_several_attributes_are_spread():
  """With two of a rare class in one fold the others would lack it."""
  rng = np.random.default_rng(0)
  labels = (rng.random((200, 4)) < [0.5, 0.3, 0.1, 0.05]).astype(int)
  assigned = folds.assign([f"{n:06d}.jpg".encode() for n in range(200)], labels)
  for column in range(4):
    of_fold = [labels[assigned == fold, column].sum() for fold in range(5)]
    assert max(of_fold) - min(of_fold) <= 2
  assert max(np.bincount(assigned)) - min(np.bincount(assigned)) <= 2


def test_too_few_of_a_class_of_one_attribute():
  names, labels = photos(20, 20)
  rare = np.zeros_like(labels)
  rare[:2] = 1
  assert set(folds.assign(names, np.hstack([labels, rare]))) == {folds.NO_FOLD}
