"""How typical an embedding is of real photos, as one number.

    typicality(x) = <x / |x|, m / |m|>,    m = sum_i u_i / |u_i|

over the embeddings u_i of `unlabeled` other than x: the cosine to their mean
direction. Histograms over all values of all embeddings look much the same for
faces, for noise, and for one face over and over; those of this number do not.
"""

from collections.abc import Iterable

import numpy as np


def sum_of_directions(embeddings: Iterable[np.ndarray]) -> np.ndarray:
  """The sum of u / |u| over embeddings u [d]: float64 [d], or 0 for none."""
  return np.asarray(sum(_direction(embedding) for embedding in embeddings))


def typicality(embedding: np.ndarray, total: np.ndarray, included: bool) -> float:
  """The cosine to the mean direction of the others.

  Args:
    embedding: [d].
    total: `sum_of_directions` [d].
    included: this embedding is part of the total, and is taken out of it:
      where photos are few, each would be close to a mean that it had a share
      in, and others would seem to have drifted.

  Returns:
    -1 ... 1; 0 where one of the two has no direction.
  """
  own = _direction(embedding)
  return float(own @ _direction(total - own if included else total))


def _direction(vector: np.ndarray) -> np.ndarray:
  vector = np.asarray(vector, np.float64)
  norm = np.linalg.norm(vector)
  return vector / norm if norm else vector
