"""Logistic regressions, many at once.

Cross-validation needs hundreds of fits of the same few photos that differ in
which of them count. They are solved together, by Newton's method, which takes
a handful of steps of TensorFlow on whatever device there is.

    minimise  sum_i w_i CE(t_i, sigmoid(x_i k + b)) + |k|^2 / (2 C)

as scikit-learn's `LogisticRegression(C)`; targets may lie between 0 and 1. Of fewer
rows than dimensions the solution lies among the rows' combinations, so it is
looked for there, in as many dimensions as there are rows.
"""

import numpy as np
import tensorflow as tf

_STEPS = 15
_ENOUGH = 1e-5
_RIDGE = 1e-6
"""For the bias, which nothing else holds where all targets are equal."""


def fit(
  embeddings: np.ndarray, targets: np.ndarray, weights: np.ndarray, strengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
  """Fits f regressions on the same rows.

  Args:
    embeddings: float [n, d].
    targets: float [f, n], 0 to 1.
    weights: float [f, n]; rows that weigh 0 are left out.
    strengths: C of each fit, float [f].

  Returns:
    Kernels float32 [f, d] and biases float32 [f].
  """
  used = (weights > 0).any(axis=0)
  rows, turned = embeddings[used], None
  if len(rows) < rows.shape[1]:
    left, scales, turned = np.linalg.svd(rows, full_matrices=False)
    rows = left * scales
  count, width = len(targets), rows.shape[1]
  x = tf.constant(np.pad(rows, ((0, 0), (0, 1)), constant_values=1.0), tf.float32)
  penalties = np.repeat(1.0 / np.asarray(strengths, np.float32)[:, None], width + 1, axis=1)
  penalties[:, -1] = _RIDGE
  solution = _solve(
    x,
    tf.constant(targets[:, used], tf.float32),
    tf.constant(weights[:, used], tf.float32),
    tf.constant(penalties, tf.float32),
    tf.zeros([count, width + 1]),
  ).numpy()
  kernels = solution[:, :-1]
  return kernels if turned is None else (kernels @ turned).astype(np.float32), solution[:, -1]


@tf.function(input_signature=[tf.TensorSpec([None, None])] * 5)
def _solve(
  x: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor, penalties: tf.Tensor, start: tf.Tensor
) -> tf.Tensor:
  """Newton's method, each step halved as often as it would lead upwards."""

  def loss(solution: tf.Tensor) -> tf.Tensor:
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(targets, solution @ tf.transpose(x))
    return tf.reduce_sum(weights * entropy, 1) + tf.reduce_sum(penalties * solution**2, 1) / 2

  def step(number, solution, before, _):
    chances = tf.sigmoid(solution @ tf.transpose(x))
    slope = (weights * (chances - targets)) @ x + penalties * solution
    curvature = tf.map_fn(
      lambda row: tf.matmul(x * row[:, None], x, transpose_a=True),
      weights * chances * (1 - chances),
    ) + tf.linalg.diag(penalties)
    move = tf.linalg.cholesky_solve(tf.linalg.cholesky(curvature), slope[..., None])[..., 0]
    rate = tf.ones([tf.shape(solution)[0], 1])
    for _ in range(4):
      worse = loss(solution - rate * move) > before + _ENOUGH * tf.abs(before)
      rate = tf.where(worse[:, None], rate / 2, rate)
    solution = solution - rate * move
    after = loss(solution)
    return number + 1, solution, after, tf.reduce_max((before - after) / (1e-9 + before))

  _, solution, _, _ = tf.while_loop(
    lambda number, solution, before, gain: (number < _STEPS) & (gain > _ENOUGH),
    step,
    (0, start, loss(start), tf.constant(1.0)),
  )
  return solution
