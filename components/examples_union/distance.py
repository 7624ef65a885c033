"""How far an embedding lies from real photos, as one number.

    distance(x) = |x - m| / r,    m = mean_i u_i,    r^2 = mean_i |u_i - m|^2

over the embeddings u_i of `unlabeled` other than x: 1 is usual. Histograms over
all values of all embeddings look much the same for faces, for noise, and for
one face over and over; those of this number do not.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np


class Sums(NamedTuple):
  """What mean and spread of embeddings follow from; files' sums add up.

  Attributes:
    photos: how many embeddings.
    values: float64 [d], their sum; a 0 where there are none.
    squares: sum of their squared lengths.
  """

  photos: int
  values: np.ndarray
  squares: float


def sums(embeddings: Iterable[np.ndarray]) -> Sums:
  """Of embeddings [d]."""
  photos, values, squares = 0, np.zeros(()), 0.0
  for embedding in embeddings:
    row = np.asarray(embedding, np.float64)
    photos, values, squares = photos + 1, values + row, squares + float(row @ row)
  return Sums(photos, values, squares)


def added(parts: Iterable[Sums]) -> Sums:
  """Of all parts together, in their order, which the last bits depend on."""
  counts, values, squares = zip(*parts, strict=True)
  return Sums(sum(counts), np.asarray(sum(values)), sum(squares))


def distance(embedding: np.ndarray, total: Sums, included: bool) -> float:
  """The distance to the mean of the others, in units of their own.

  Args:
    embedding: [d].
    total: of all of `unlabeled`.
    included: this embedding is part of the total, and is taken out of it:
      where photos are few, each would be close to a mean that it had a share
      in, and others would seem to have drifted.

  Returns:
    0 or more; 0 where the others don't differ from one another.
  """
  own = np.asarray(embedding, np.float64)
  count, values, squares = total
  if included:
    count, values, squares = count - 1, values - own, squares - own @ own
  if count < 1:
    return 0.0
  mean = values / count
  spread = squares / count - mean @ mean
  # What is left of equal embeddings is the error of the sums.
  if spread <= 1e-9 * squares / count:
    return 0.0
  return float(np.linalg.norm(own - mean) / np.sqrt(spread))
