"""How good the synthetic faces are, in the face network's feature space."""

from typing import Dict

import numpy as np
from sklearn import linear_model
from sklearn import metrics
from sklearn import neighbors
from sklearn import preprocessing

from components.classifier import learning

_NEIGHBORS = 3
_AT_MOST = 2000


def measure(real: np.ndarray, fake: np.ndarray, seed: int) -> Dict[str, float]:
  """Measures of synthetic faces against real photos, without labels.

  All on L2-normalised embeddings, on at most 2,000 of each, drawn by seed.

  Args:
    real: embeddings float32 [n, d] of the photos that the generator saw.
    fake: embeddings float32 [m, d] of synthetic faces.
    seed: of the draw.

  Returns:
    kid: squared maximum mean discrepancy with the kernel (x.y / d + 1)^3,
      unbiased (Binkowski et al. 2018, arXiv:1801.01401); 0 for equal sets.
    recall: share of real photos that lie within a synthetic face's distance
      to its 3rd neighbour (Kynkaanniemi et al. 2019, arXiv:1904.06991).
    nearest_neighbour_ratio: median distance from a synthetic face to its
      nearest photo over that from a photo to its nearest other photo; far
      below 1 the generator repeats what it saw.
  """
  rng = np.random.default_rng(seed)
  real_set = _draw(preprocessing.normalize(real), rng)
  fake_set = _draw(preprocessing.normalize(fake), rng)
  return {
      "kid": kernel_distance(real_set, fake_set),
      "recall": recall(real_set, fake_set),
      "nearest_neighbour_ratio": nearest_neighbour_ratio(real_set, fake_set),
  }


def label_fidelity(synthetic: learning.Labeled,
                   photos: learning.Labeled) -> float:
  """Share of synthetic faces that are what their label says.

  Args:
    synthetic: standardised embeddings, and labels by construction.
    photos: real photos with labels, for the logistic regression that judges.
  """
  scorer = linear_model.LogisticRegression(C=0.01, max_iter=2000).fit(
      photos.embeddings, photos.labels)
  return float(scorer.score(synthetic.embeddings, synthetic.labels))


def kernel_distance(one: np.ndarray, other: np.ndarray) -> float:
  """KID of two sets [n, d], [m, d]; see `measure`."""
  def kernel(a, b):
    return metrics.pairwise.polynomial_kernel(a, b, degree=3)
  n, m = len(one), len(other)
  within_one, within_other = kernel(one, one), kernel(other, other)
  return float(
      (within_one.sum() - np.trace(within_one)) / (n * (n - 1))
      + (within_other.sum() - np.trace(within_other)) / (m * (m - 1))
      - 2.0 * kernel(one, other).mean())


def recall(real: np.ndarray, fake: np.ndarray) -> float:
  """See `measure`."""
  radii = neighbors.NearestNeighbors().fit(fake).kneighbors(
      n_neighbors=min(_NEIGHBORS, len(fake) - 1))[0][:, -1]
  distances = metrics.pairwise_distances(real, fake)
  return float((distances <= radii[None, :]).any(axis=1).mean())


def nearest_neighbour_ratio(real: np.ndarray, fake: np.ndarray) -> float:
  """See `measure`."""
  index = neighbors.NearestNeighbors(n_neighbors=1).fit(real)
  among_real = np.median(index.kneighbors()[0])
  return float(np.median(index.kneighbors(fake)[0]) / max(among_real, 1e-12))


def _draw(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
  if len(rows) <= _AT_MOST:
    return rows
  return rows[np.sort(rng.choice(len(rows), _AT_MOST, replace=False))]
