"""Fits the classifier, many times over without tracing it anew."""

from typing import List, Sequence

import keras
import numpy as np
import tensorflow as tf

from components.classifier.settings import ClassifierSettings

_STEPS_AT_ONCE = 50


class Fitter:
  """Trains classifiers of one architecture, each from the same start.

  Cross-validation and rounds of students need dozens of fits of a small
  model, which take less time than TensorFlow takes to trace one. So there is
  one compiled model, put back to its start before each fit; every batch has
  the same size, and small sets are gone through more often.

  Args:
    width: of an embedding.
    settings: of the classifier.
  """

  def __init__(self, width: int, settings: ClassifierSettings):
    self._width = width
    self._settings = settings
    keras.utils.set_random_seed(settings.seed)
    self._model = build(width, settings)
    self._model.compile(
        optimizer=keras.optimizers.Adam(settings.learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        steps_per_execution=min(_STEPS_AT_ONCE, settings.steps))
    self._model.optimizer.build(self._model.trainable_variables)
    self._start = [variable.numpy() for variable in self._variables()]

  def fit(self, embeddings: np.ndarray, labels: np.ndarray,
          weights: np.ndarray) -> keras.Model:
    """A classifier trained on weighted embeddings.

    Args:
      embeddings: float32 [n, width].
      labels: [n], 1 or 0.
      weights: float32 [n].

    Returns:
      A model of its own, embeddings [n, width] -> logits [n, 1]; the same for
      the same arguments and settings.
    """
    for variable, value in zip(self._variables(), self._start):
      variable.assign(value)
    self._model.fit(
        self._batches(embeddings, labels, weights),
        steps_per_epoch=self._settings.steps, epochs=1, shuffle=False,
        verbose=0)
    fitted = build(self._width, self._settings)
    fitted.set_weights(self._model.get_weights())
    return fitted

  def _variables(self) -> List[keras.Variable]:
    return [*self._model.variables, *self._model.optimizer.variables]

  def _batches(self, embeddings: np.ndarray, labels: np.ndarray,
               weights: np.ndarray) -> tf.data.Dataset:
    rows = _row_numbers(len(labels), self._settings)
    x = tf.constant(embeddings, tf.float32)
    y = tf.constant(labels[:, None], tf.float32)
    w = tf.constant(weights[:, None], tf.float32)
    return tf.data.Dataset.from_tensor_slices(rows).map(
        lambda row: (tf.gather(x, row), tf.gather(y, row), tf.gather(w, row)))


def build(width: int, settings: ClassifierSettings) -> keras.Model:
  """An untrained classifier: float32 [n, width] -> logits [n, 1]."""
  regularizer = keras.regularizers.L2(settings.l2)
  hidden = [keras.layers.Dense(units, "relu", kernel_regularizer=regularizer)
            for units in settings.hidden]
  return keras.Sequential([
      keras.Input([width]), *hidden,
      keras.layers.Dense(1, kernel_regularizer=regularizer)])


def _row_numbers(count: int, settings: ClassifierSettings) -> np.ndarray:
  """Which rows each step sees, int64 [steps, batch]: epochs, shuffled."""
  rng = np.random.default_rng(settings.seed)
  needed = settings.steps * settings.batch_size
  epochs: Sequence[np.ndarray] = [
      rng.permutation(count) for _ in range(-(-needed // count))]
  return np.concatenate(epochs)[:needed].reshape(
      settings.steps, settings.batch_size)
