"""The classifier of one attribute: a logistic regression on each depth of the
network, and one probability out of their opinions.

    opinion_j   = sigmoid(z @ kernel_j + bias_j)
    score       = logit(sum_j share_j opinion_j)
    probability = sigmoid(slope score + intercept)

Slope and intercept are Platt's (1999), found on photos that the regressions had
not seen. A probability of `threshold` or more is a label of 1. The threshold is
the share of photos that have the attribute: for calibrated probabilities it
gives the largest balanced accuracy, where 0.5 would never name a rare class.
"""

import dataclasses

import numpy as np

THRESHOLD = 0.5
"""Of a classifier that saw no label to choose one by."""
SMALLEST = 1e-6
"""A probability that is not 0, and 1 less it not 1."""


@dataclasses.dataclass(frozen=True, eq=False)
class Committee:
  """A fitted classifier of embeddings of d values, with m members.

  Attributes:
    kernels: float32 [d, m].
    biases: float32 [m].
    shares: float32 [m], 0 or more, 1 in all.
    slope, intercept: of the calibration.
    threshold: from which probability on the label is 1.
  """

  kernels: np.ndarray
  biases: np.ndarray
  shares: np.ndarray
  slope: float = 1.0
  intercept: float = 0.0
  threshold: float = THRESHOLD

  def scores(self, embeddings: np.ndarray) -> np.ndarray:
    """Uncalibrated logits, float64 [n], of standardised embeddings [n, d]."""
    return joined(embeddings.astype(np.float64) @ self.kernels + self.biases, self.shares)

  def probabilities(self, embeddings: np.ndarray) -> np.ndarray:
    """Of having the attribute, float64 [n]."""
    return sigmoid(self.slope * self.scores(embeddings) + self.intercept)


def joined(logits: np.ndarray, shares: np.ndarray) -> np.ndarray:
  """The committee's logit [...] out of those of its members [..., m]."""
  return logit(sigmoid(logits) @ np.asarray(shares, np.float64))


def sigmoid(values: np.ndarray) -> np.ndarray:
  """The logistic function, which no value overflows."""
  return (1 + np.tanh(np.asarray(values, np.float64) / 2)) / 2


def logit(probabilities: np.ndarray) -> np.ndarray:
  """The inverse of `sigmoid`; what is certain is taken for nearly certain."""
  clipped = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
  return np.log(clipped / (1 - clipped))
