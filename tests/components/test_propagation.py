"""Labels that spread along neighbours."""

import numpy as np
import pytest

from components.shared.learning import propagation
from components.shared.learning.propagation_settings import PropagationSettings

SETTINGS = PropagationSettings()


def arcs(count=200, seed=0):
  """Two interleaved arcs on the sphere: no plane parts them."""
  rng = np.random.default_rng(seed)
  labels = np.arange(count) % 2
  angle = rng.uniform(0, 2.2, count)
  turned = angle + labels * 1.2
  height = np.where(labels, 0.25, -0.25) + rng.normal(0, 0.02, count)
  return np.stack([np.cos(turned), np.sin(turned), height], axis=1), labels


def spread(photos, labels, known, share=0.5, **settings):
  return propagation.spread(
    photos[known], labels[known], photos[~known], share, PropagationSettings(**settings)
  )


def test_few_labels_reach_all_of_their_class():
  photos, labels = arcs()
  known = np.zeros(len(labels), bool)
  known[:4] = True
  found = spread(photos, labels, known)
  assert found.min() >= 0 and found.max() <= 1
  assert ((found > 0.5) == labels[~known]).mean() > 0.98
  flipped = spread(photos, 1 - labels, known)
  np.testing.assert_allclose(flipped, 1 - found, atol=1e-6)


def test_where_neighbours_disagree_the_share_decides():
  rng = np.random.default_rng(0)
  photos, labels = rng.normal(size=(200, 3)), np.arange(200) % 2
  known = np.arange(200) < 40
  low, high = (spread(photos, labels, known, share).mean() for share in (0.1, 0.9))
  assert low < 0.4 < 0.6 < high


def test_length_of_an_embedding_does_not_matter():
  photos, labels = arcs()
  known = np.arange(len(labels)) < 10
  longer = photos * np.random.default_rng(1).uniform(1, 9, [len(photos), 1])
  np.testing.assert_array_equal(spread(photos, labels, known), spread(longer, labels, known))


def test_fewer_photos_than_neighbors():
  photos, labels = arcs(6)
  found = spread(photos, labels, np.arange(6) < 4, neighbors=50)
  assert len(found) == 2


def test_nothing_to_label():
  photos, labels = arcs(10)
  assert spread(photos, labels, np.ones(10, bool)).shape == (0,)


def test_surest_are_as_many_of_either_class():
  scores = np.array([5.0, -1.0, 0.1, 3.0, -0.2, -7.0, 0.3, 0.2, -0.1, 0.0])
  np.testing.assert_array_equal(
    propagation.surest(scores, SETTINGS), [1, 0, -1, 1, -1, 0, -1, -1, -1, -1]
  )


def test_seeds_alone_are_enough():
  photos, labels = arcs()
  seeds = np.where(np.arange(len(labels)) < 6, labels, -1)
  found = propagation.walk(photos[:0], labels[:0], photos, seeds, 0.5, SETTINGS)
  assert ((found > 0.5) == labels).mean() > 0.98


def test_few_labels_do_not_fix_the_share():
  assert propagation.positive_share(np.array([1, 1, 1, 0])) == pytest.approx(4 / 6)
  assert propagation.positive_share(np.repeat([1, 0], [300, 700])) == pytest.approx(
    0.3004, abs=0.0001
  )
