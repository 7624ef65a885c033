"""Measures of synthetic sets whose quality is known."""

import numpy as np
import pytest

from components.synthetic_measures import measures


def draw(count, seed, shift=0.0, spread=1.0):
  rng = np.random.default_rng(seed)
  return (rng.normal(size=(count, 16)) * spread + shift).astype(np.float32)


def test_a_set_of_the_same_distribution():
  found = measures.of_sets(draw(300, 0), draw(300, 1), seed=0)
  assert abs(found["kid"]) < 0.01
  assert found["recall"] > 0.7
  assert found["nearest_neighbour_ratio"] == pytest.approx(1.0, abs=0.15)


def test_a_set_of_another_distribution():
  found = measures.of_sets(draw(300, 0), draw(300, 1, shift=2.0), seed=0)
  assert found["kid"] > 0.1
  assert found["recall"] < 0.5


def test_a_memorised_set():
  real = draw(300, 0)
  found = measures.of_sets(real, real + 1e-4, seed=0)
  assert found["nearest_neighbour_ratio"] < 0.05


def test_a_collapsed_set():
  point = draw(1, 1)
  collapsed = point + draw(300, 2, spread=1e-3)
  assert measures.of_sets(draw(300, 0), collapsed, seed=0)["recall"] < 0.05


def test_kid_against_the_formula():
  one, other = draw(5, 0), draw(4, 1)
  kernel = lambda a, b: (a @ b.T / 16 + 1) ** 3
  expected = (
    sum(kernel(one[i], one[j]) for i in range(5) for j in range(5) if i != j) / 20
    + sum(kernel(other[i], other[j]) for i in range(4) for j in range(4) if i != j) / 12
    - 2 * np.mean([[kernel(a, b) for b in other] for a in one])
  )
  assert measures.kernel_distance(one, other) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("flipped, fidelity", [(False, 1.0), (True, 0.0)])
def test_label_fidelity(flipped, fidelity):
  labels = np.arange(200) % 2
  embeddings = draw(200, 0, spread=0.3)
  embeddings[:, 0] += 4 * labels - 2
  assert measures.label_fidelity(
    embeddings, 1 - labels if flipped else labels, embeddings, labels
  ) == pytest.approx(fidelity, abs=0.02)


def test_a_classifier_tells_other_sets_apart():
  same = measures.of_sets(draw(300, 0), draw(300, 1), seed=0)
  other = measures.of_sets(draw(300, 0), draw(300, 1, shift=1.0), seed=0)
  assert same["real_or_synthetic_auc"] == pytest.approx(0.5, abs=0.1)
  assert other["real_or_synthetic_auc"] > 0.95


def test_manifold_measures_by_hand():
  """One dimension, radius to the 5th neighbour: 5 inside, 3 at the ends."""
  real = np.arange(6.0)[:, None]
  found = measures.manifold_measures(real, np.array([[2.5], [100.0]] * 3))
  # 2.5 lies within the radius of all six photos, 100 within no one's.
  assert found["precision"] == 0.5
  assert found["density"] == pytest.approx(0.5 * 6 / 5)
  assert found["coverage"] == 1.0
  # Faces at 2.5 have their 5th neighbour at 100: all photos are inside.
  assert found["recall"] == 1.0


def with_other(count, seed, entangled):
  """Faces of two classes; another attribute, along the second dimension, is
  as frequent in both unless it is entangled."""
  rng = np.random.default_rng(seed)
  labels = np.arange(count) % 2
  other = labels if entangled else rng.integers(0, 2, count)
  rows = rng.normal(size=(count, 16)) * 0.3
  rows[:, 0] += 2 * labels - 1
  rows[:, 1] += 2 * other - 1
  return rows, labels, other


def test_attribute_drift():
  photos, labels, other = with_other(400, 0, entangled=False)
  for entangled, expected in ((False, 0.0), (True, 1.0)):
    faces, face_labels, _ = with_other(400, 1, entangled)
    assert measures.attribute_drift(faces, face_labels, photos, labels, other) == pytest.approx(
      expected, abs=0.15
    )


def test_no_drift_of_an_attribute_that_all_have():
  photos, labels, _ = with_other(50, 0, entangled=False)
  assert measures.attribute_drift(photos, labels, photos, labels, np.ones(50, int)) is None
