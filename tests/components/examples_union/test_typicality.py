import numpy as np
import pytest

from components.examples_union import typicality


@pytest.mark.parametrize(
  "embedding, expected",
  [
    ([5.0, 5.0], 1.0),
    ([-0.1, -0.1], -1.0),
    ([1.0, -1.0], 0.0),
    ([0.0, 9.0], np.sqrt(0.5)),
    ([0.0, 0.0], 0.0),
  ],
)
def test_cosine_to_the_mean_direction(embedding, expected):
  # The long vector counts as much as the short one, and zeros not at all.
  total = typicality.sum_of_directions([[3000.0, 0.0], [0.0, 0.0], [0.0, 0.1]])
  assert typicality.typicality(embedding, total, included=False) == pytest.approx(expected)


def test_an_embedding_is_not_compared_with_itself():
  total = typicality.sum_of_directions([[2.0, 0.0], [0.0, 3.0]])
  assert typicality.typicality([0.0, 3.0], total, included=True) == 0.0
  alone = typicality.sum_of_directions([[1.0, 2.0]])
  assert typicality.typicality([1.0, 2.0], alone, included=True) == 0.0


def test_parts_add_up():
  embeddings = np.random.default_rng(0).normal(size=(10, 4))
  parts = [embeddings[:3], [], embeddings[3:]]
  np.testing.assert_allclose(
    sum(map(typicality.sum_of_directions, parts)),
    typicality.sum_of_directions(embeddings),
    rtol=1e-12,
  )
