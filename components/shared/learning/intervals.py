"""95% intervals of what is measured on few photos."""

import numpy as np
from scipy import special, stats

_Z = stats.norm.ppf(0.975)

Interval = tuple[float, float]


def of_share(successes: int, n: int) -> Interval:
  """Of a share, after Wilson 1927."""
  interval = stats.binomtest(successes, n).proportion_ci(0.95, method="wilson")
  return float(interval.low), float(interval.high)


def of_auc(labels: np.ndarray, scores: np.ndarray) -> Interval:
  """Of the area under the ROC curve, on the logit scale.

  The variance is that of DeLong et al. 1988 by midranks (Sun and Xu 2014); the
  logit keeps the interval within 0 and 1 (Pepe 2003, section 5.2). A classifier
  without a mistake has no variance to go by: its interval is that of a share
  whose number of photos is that of the smaller class (no false one among so
  many), which is wider than nothing.

  Args:
    labels: int [n], 1 and 0, both there.
    scores: float [n]; larger means 1.
  """
  of_positives, of_negatives = _placements(labels, scores)
  m, n = len(of_positives), len(of_negatives)
  auc = float(of_positives.mean())
  if auc in (0.0, 1.0):
    fewest = min(m, n)
    return of_share(int(auc * fewest), fewest)
  if min(m, n) < 2:
    return 0.0, 1.0
  variance = of_positives.var(ddof=1) / m + of_negatives.var(ddof=1) / n
  spread = _Z * np.sqrt(variance) / (auc * (1.0 - auc))
  low, high = special.expit(special.logit(auc) + np.array([-spread, spread]))
  return float(low), float(high)


def of_auc_difference(
  labels: np.ndarray, ours: np.ndarray, theirs: np.ndarray
) -> tuple[float, Interval]:
  """A difference of two areas under the ROC curve on the same photos, with its
  interval.

  The variance is that of DeLong et al. 1988 for paired curves. Two classifiers
  that order every pair of photos alike have none to go by: as far as so many
  photos of the smaller class tell, the share that they order differently is
  within Wilson's interval of none, and so is the difference.

  Args:
    labels: int [n], 1 and 0, both there.
    ours, theirs: float [n]; larger means 1.

  Returns:
    The AUC of ours less that of theirs.
  """
  if np.array_equal(ours, theirs):
    return 0.0, (0.0, 0.0)
  differences = [
    of_ours - of_theirs
    for of_ours, of_theirs in zip(
      _placements(labels, ours), _placements(labels, theirs), strict=True
    )
  ]
  difference = float(differences[0].mean())
  fewest = min(map(len, differences))
  if fewest < 2:
    return difference, (-1.0, 1.0)
  spread = _Z * np.sqrt(sum(part.var(ddof=1) / len(part) for part in differences))
  if not spread:
    spread = of_share(0, fewest)[1]
  return difference, (max(-1.0, difference - spread), min(1.0, difference + spread))


def _placements(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Share of the other class that each photo's score is on the right side of,
  of the positives and of the negatives; the mean of either is the AUC."""
  positives, negatives = scores[labels == 1], scores[labels == 0]
  m, n = len(positives), len(negatives)
  ranks = stats.rankdata(np.concatenate([positives, negatives]))
  of_positives = (ranks[:m] - stats.rankdata(positives)) / n
  of_negatives = 1.0 - (ranks[m:] - stats.rankdata(negatives)) / m
  return of_positives, of_negatives
