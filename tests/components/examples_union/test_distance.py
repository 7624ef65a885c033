import numpy as np
import pytest

from components.examples_union import distance


@pytest.mark.parametrize(
  "embedding, expected",
  [([3.0, 5.0], 0.0), ([5.0, 5.0], 1.0), ([3.0, 4.0], 0.5), ([3.0, 9.0], 2.0)],
)
def test_in_units_of_the_spread(embedding, expected):
  total = distance.sums([[1.0, 5.0], [5.0, 5.0], [3.0, 3.0], [3.0, 7.0]])
  assert distance.distance(embedding, total, included=False) == pytest.approx(expected)


def test_an_embedding_is_not_compared_with_itself():
  total = distance.sums([[2.0, 0.0], [0.0, 2.0], [9.0, 1.0]])
  assert distance.distance([9.0, 1.0], total, included=True) == pytest.approx(8 / np.sqrt(2))


@pytest.mark.parametrize("others", [[], [[0.1, 0.7]], [[0.1, 0.7]] * 5])
def test_others_without_a_spread(others):
  assert distance.distance([1.0, 2.0], distance.sums(others), included=False) == 0.0
  assert distance.distance([0.1, 0.7], distance.sums([*others, [0.1, 0.7]]), included=True) == 0.0


def test_parts_add_up():
  embeddings = np.random.default_rng(0).normal(size=(10, 4))
  parts = [embeddings[:3], [], embeddings[3:]]
  found, expected = distance.added(map(distance.sums, parts)), distance.sums(embeddings)
  assert found.photos == expected.photos == 10
  np.testing.assert_allclose(found.values, expected.values, rtol=1e-12)
  assert found.squares == pytest.approx(expected.squares, rel=1e-12)
