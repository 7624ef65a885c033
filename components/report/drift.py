"""How far synthetic embeddings are from those of photos, feature by feature."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from components.shared.data import embeddings, examples

_MOST = 2000
_SEED = 0


class Dimension(NamedTuple):
  """One number of the embedding.

  Attributes:
    index: its place in the embedding.
    distance: Wasserstein-1 distance of the two distributions, in standard
      deviations of the photos'.
    real: of photos, float [n].
    synthetic: of faces that were kept, float [m].
  """

  index: int
  distance: float
  real: np.ndarray
  synthetic: np.ndarray


def by_dimension(embeddings_uri: str) -> list[Dimension]:
  """Every dimension, the one that drifts most first.

  Args:
    embeddings_uri: of ExamplesUnion.
  """
  real = np.concatenate(
    [
      embeddings.read(embeddings_uri, split, _MOST, _SEED).embeddings
      for split in (examples.LABELED, examples.UNLABELED)
    ]
  )
  synthetic = embeddings.read(embeddings_uri, examples.SYNTHETIC_TRAIN, _MOST, _SEED).embeddings
  _, deviation = embeddings.moments(real)
  found = [
    Dimension(index, float(stats.wasserstein_distance(ours, theirs) / scale), ours, theirs)
    for index, (ours, theirs, scale) in enumerate(zip(real.T, synthetic.T, deviation, strict=True))
  ]
  return sorted(found, key=lambda dimension: -dimension.distance)
