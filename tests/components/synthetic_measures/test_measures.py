"""Measures of synthetic sets whose quality is known."""

import numpy as np
import pytest

from components.classifier import learning
from components.ladder import synthetic_measures


def draw(count, seed, shift=0.0, spread=1.0):
  rng = np.random.default_rng(seed)
  return (rng.normal(size=(count, 16)) * spread + shift).astype(np.float32)


def test_a_set_of_the_same_distribution():
  measures = synthetic_measures.measure(draw(300, 0), draw(300, 1), seed=0)
  assert abs(measures["kid"]) < 0.01
  assert measures["recall"] > 0.7
  assert measures["nearest_neighbour_ratio"] == pytest.approx(1.0, abs=0.15)


def test_a_set_of_another_distribution():
  measures = synthetic_measures.measure(
      draw(300, 0), draw(300, 1, shift=2.0), seed=0)
  assert measures["kid"] > 0.1
  assert measures["recall"] < 0.5


def test_a_memorised_set():
  real = draw(300, 0)
  measures = synthetic_measures.measure(real, real + 1e-4, seed=0)
  assert measures["nearest_neighbour_ratio"] < 0.05


def test_a_collapsed_set():
  point = draw(1, 1)
  collapsed = point + draw(300, 2, spread=1e-3)
  assert synthetic_measures.measure(
      draw(300, 0), collapsed, seed=0)["recall"] < 0.05


def test_kid_against_the_formula():
  one, other = draw(5, 0), draw(4, 1)
  kernel = lambda a, b: (a @ b.T / 16 + 1) ** 3
  expected = (
      sum(kernel(one[i], one[j]) for i in range(5) for j in range(5) if i != j)
      / 20
      + sum(kernel(other[i], other[j]) for i in range(4) for j in range(4)
            if i != j) / 12
      - 2 * np.mean([[kernel(a, b) for b in other] for a in one]))
  assert synthetic_measures.kernel_distance(one, other) == pytest.approx(
      expected, rel=1e-4)


@pytest.mark.parametrize("flipped, fidelity", [(False, 1.0), (True, 0.0)])
def test_label_fidelity(flipped, fidelity):
  labels = np.arange(200) % 2
  embeddings = draw(200, 0, spread=0.3)
  embeddings[:, 0] += 4 * labels - 2
  synthetic = learning.Labeled(embeddings, 1 - labels if flipped else labels)
  photos = learning.Labeled(embeddings, labels)
  assert synthetic_measures.label_fidelity(
      synthetic, photos) == pytest.approx(fidelity, abs=0.02)


def test_large_sets_are_drawn_from():
  measures = synthetic_measures.measure(draw(5000, 0), draw(2500, 1), seed=0)
  again = synthetic_measures.measure(draw(5000, 0), draw(2500, 1), seed=0)
  assert measures == again
