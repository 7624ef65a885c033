"""The judge of synthetic faces."""

import dataclasses

import numpy as np
import pytest
from sklearn import metrics

from components.shared.learning import scorer
from components.shared.learning.direction_settings import DirectionSettings

WIDTH = 8


def draw(count, seed, shift=0.0, positive=0.5):
  """Two classes, 3 apart along the first dimension, all moved by a shift."""
  rng = np.random.default_rng(seed)
  labels = (np.arange(count) < positive * count).astype(np.int64)
  rows = rng.normal(size=(count, WIDTH)) + shift
  rows[:, 0] += 3.0 * labels
  order = rng.permutation(count)
  return rows[order].astype(np.float32), labels[order]


def fit(labels_of=20, faces_shift=5.0, positive=0.5):
  labeled, labels = draw(labels_of, 0, positive=positive)
  return scorer.fit(
    labeled,
    labels,
    draw(200, 1, positive=positive)[0],
    draw(600, 2, faces_shift, positive)[0],
    DirectionSettings(),
  )


def test_judges_photos_and_faces_each_in_their_own_place():
  found = fit()
  photos, labels = draw(300, 3)
  assert np.mean((found.score_photos(photos) > 0) == labels) > 0.85
  faces, labels = draw(300, 4, shift=5.0)
  assert np.mean((found.score_faces(faces) > 0) == labels) > 0.85
  assert np.mean((found.score_photos(faces) > 0) == labels) < 0.7


@pytest.mark.parametrize("positive", [0.3, 0.5])
def test_as_many_faces_are_positive_as_photos(positive):
  found = fit(labels_of=200, positive=positive)
  faces, _ = draw(600, 2, shift=5.0, positive=positive)
  assert np.mean(found.score_faces(faces) > 0) == pytest.approx(positive, abs=0.03)


def test_file(tmp_path):
  written = {"Male": {-1: fit(), 3: fit(labels_of=30)}, "a/b": {-1: fit(labels_of=60)}}
  path = str(tmp_path / "scorers.npz")
  scorer.write(written, path)
  read = scorer.read(path)
  assert {name: list(by_fold) for name, by_fold in read.items()} == {"Male": [-1, 3], "a/b": [-1]}
  for name, by_fold in written.items():
    for fold, one in by_fold.items():
      for field in dataclasses.fields(one):
        np.testing.assert_array_equal(
          getattr(read[name][fold], field.name), getattr(one, field.name)
        )


def test_labels_spread_over_the_generators_faces_where_photos_are_few():
  """Four labels and ten photos say little; 300 faces show how they lie."""
  gains = []
  for seed in range(8):
    photos, labels = draw(14, seed)
    rows = np.r_[np.flatnonzero(labels == 1)[:2], np.flatnonzero(labels == 0)[:2]]
    others = np.setdiff1d(np.arange(14), rows)
    faces, _ = draw(300, 50 + seed, shift=5.0)
    judged, truth = draw(400, 100 + seed)
    with_faces, without = (
      metrics.roc_auc_score(
        truth,
        scorer.fit(
          photos[rows], labels[rows], photos[others], faces, DirectionSettings(spread_samples=count)
        ).score_photos(judged),
      )
      for count in (300, 0)
    )
    gains.append(with_faces - without)
  assert np.mean(gains) > 0.003
