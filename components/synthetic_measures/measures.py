"""How good synthetic faces are, in the face network's feature space."""

import numpy as np
from sklearn import linear_model, metrics, model_selection, neighbors, pipeline, preprocessing

from components.shared.data import embeddings

_NEIGHBORS = 5  # as Naeem et al. have it
_FOLDS = 5
_C = 0.01
_MAX_ITERATIONS = 3000


def of_sets(real: np.ndarray, fake: np.ndarray, seed: int) -> dict[str, float]:
  """Measures of synthetic faces against real photos, without labels.

  All on L2-normalised embeddings.

  Args:
    real: embeddings float [n, d] of photos.
    fake: embeddings float [m, d] of synthetic faces.
    seed: of the folds of the classifier.

  Returns:
    kid: squared maximum mean discrepancy with the kernel (x.y / d + 1)^3,
      unbiased (Binkowski et al. 2018, arXiv:1801.01401); 0 for equal sets.
    precision: share of synthetic faces that lie within a photo's distance to
      its 5th neighbour (Kynkaanniemi et al. 2019, arXiv:1904.06991).
    recall: share of photos that lie within a synthetic face's.
    density: photos within whose distance a synthetic face lies, over 5; 1 for
      equal sets (Naeem et al. 2020, arXiv:2002.09797).
    coverage: share of photos with a synthetic face within their distance.
    nearest_neighbour_ratio: median distance from a synthetic face to its
      nearest photo over that from a photo to its nearest other photo; far
      below 1 the generator repeats what it saw.
    real_or_synthetic_auc: of a logistic regression that tells them apart,
      cross-validated; 0.5 for equal sets.
  """
  real, fake = preprocessing.normalize(real), preprocessing.normalize(fake)
  return {
    "kid": kernel_distance(real, fake),
    **manifold_measures(real, fake),
    "nearest_neighbour_ratio": nearest_neighbour_ratio(real, fake),
    "real_or_synthetic_auc": two_sample_auc(real, fake, seed),
  }


def kernel_distance(one: np.ndarray, other: np.ndarray) -> float:
  """KID of two sets [n, d], [m, d]; see `of_sets`."""

  def kernel(a, b):
    return metrics.pairwise.polynomial_kernel(a, b, degree=3)

  n, m = len(one), len(other)
  within_one, within_other = kernel(one, one), kernel(other, other)
  return float(
    (within_one.sum() - np.trace(within_one)) / (n * (n - 1))
    + (within_other.sum() - np.trace(within_other)) / (m * (m - 1))
    - 2.0 * kernel(one, other).mean()
  )


def manifold_measures(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
  """Precision, recall, density and coverage; see `of_sets`."""
  real_radii, fake_radii = _radii(real), _radii(fake)
  distances = metrics.pairwise_distances(real, fake)
  in_real = distances < real_radii[:, None]
  in_fake = distances < fake_radii[None, :]
  neighbors_ = min(_NEIGHBORS, len(real) - 1)
  return {
    "precision": float(in_real.any(axis=0).mean()),
    "recall": float(in_fake.any(axis=1).mean()),
    "density": float(in_real.sum(axis=0).mean() / neighbors_),
    "coverage": float((distances.min(axis=1) < real_radii).mean()),
  }


def _radii(points: np.ndarray) -> np.ndarray:
  """Distance of each point [n, d] to its neighbour, float [n]."""
  index = neighbors.NearestNeighbors().fit(points)
  return index.kneighbors(n_neighbors=min(_NEIGHBORS, len(points) - 1))[0][:, -1]


def nearest_neighbour_ratio(real: np.ndarray, fake: np.ndarray) -> float:
  """See `of_sets`."""
  index = neighbors.NearestNeighbors(n_neighbors=1).fit(real)
  among_real = np.median(index.kneighbors()[0])
  return float(np.median(index.kneighbors(fake)[0]) / max(among_real, 1e-12))


def two_sample_auc(real: np.ndarray, fake: np.ndarray, seed: int) -> float:
  """See `of_sets`."""
  rows = np.concatenate([real, fake])
  is_fake = np.repeat([0, 1], [len(real), len(fake)])
  scores = model_selection.cross_val_predict(
    _classifier(),
    rows,
    is_fake,
    method="decision_function",
    cv=model_selection.StratifiedKFold(_FOLDS, shuffle=True, random_state=seed),
  )
  return float(metrics.roc_auc_score(is_fake, scores))


def label_fidelity(
  synthetic: np.ndarray, synthetic_labels: np.ndarray, photos: np.ndarray, labels: np.ndarray
) -> float:
  """Share of synthetic faces that are what their label says.

  Args:
    synthetic: embeddings float [n, d].
    synthetic_labels: int [n], by construction.
    photos: embeddings float [m, d] of real photos.
    labels: int [m], of a logistic regression that judges. Both sets are
      standardised, each by its own moments.
  """
  judge = _classifier().fit(photos, labels)[-1]
  return float(np.mean(judge.predict(_standardized(synthetic)) == synthetic_labels))


def attribute_drift(
  synthetic: np.ndarray,
  synthetic_labels: np.ndarray,
  photos: np.ndarray,
  labels: np.ndarray,
  other: np.ndarray,
) -> float | None:
  """How much more another attribute depends on the label than it really does.

  In photos of the two classes another attribute may differ in frequency, and
  in synthetic faces by as much; what is beyond moved along with the direction.

  Args:
    synthetic: embeddings float [n, d].
    synthetic_labels: int [n].
    photos: embeddings float [m, d].
    labels: int [m], of the attribute that the faces were made for.
    other: int [m], of the other attribute, that a logistic regression learns
      here and finds in the synthetic faces.

  Returns:
    The difference of its share between the two classes of synthetic faces,
    less that of the photos, -2 to 2; None where the photos have one class of
    the other attribute or of the label.
  """
  if len(np.unique(other)) < 2 or len(np.unique(labels)) < 2:
    return None
  judge = _classifier().fit(photos, other)[-1]
  found = judge.predict(_standardized(synthetic))
  return float(_gap(found, synthetic_labels) - _gap(judge.predict(_standardized(photos)), labels))


def _gap(attribute: np.ndarray, labels: np.ndarray) -> float:
  return attribute[labels == 1].mean() - attribute[labels == 0].mean()


def _classifier() -> pipeline.Pipeline:
  return pipeline.make_pipeline(
    preprocessing.StandardScaler(), linear_model.LogisticRegression(C=_C, max_iter=_MAX_ITERATIONS)
  )


def _standardized(rows: np.ndarray) -> np.ndarray:
  mean, deviation = embeddings.moments(rows)
  return (rows - mean) / deviation
