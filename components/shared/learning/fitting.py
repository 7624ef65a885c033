"""Fits the classifier, many times over without tracing it anew.

Devices share the steps of large classifiers only. 400 steps of 512 embeddings
took, on two cores as one device and as two, 0.18 and 1.6 seconds for logistic
regression on 128 wide embeddings, and 0.8 and 2.1 on 4096 wide ones: what
devices tell each other after a step takes longer than the step. With hidden
layers of 2048 and 1024 units, 10 million weights, both took the same time.
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from components.shared.core import devices
from components.shared.learning.settings import ClassifierSettings

_STEPS_AT_ONCE = 50
_WEIGHTS_TO_SHARE = 1_000_000


class Fitter:
  """Trains classifiers of one architecture, each from the same start.

  Cross-validation and rounds of students need dozens of fits of a small
  model, which take less time than TensorFlow takes to trace one. So there is
  one compiled model, put back to its start before each fit; every batch has
  the same size, and small sets are gone through more often.

  Args:
    width: of an embedding.
    settings: of the classifier.
    strategy_: the devices that share each batch; default: `strategy`.
  """

  def __init__(
    self, width: int, settings: ClassifierSettings, strategy_: tf.distribute.Strategy | None = None
  ):
    self._width = width
    self._settings = settings
    self._strategy = strategy_ or strategy(width, settings)
    # Keras's loop over several steps fails where devices share them.
    alone = self._strategy.num_replicas_in_sync == 1
    keras.utils.set_random_seed(settings.seed)
    with self._strategy.scope():
      self._model = build(width, settings)
      self._model.compile(
        optimizer=keras.optimizers.Adam(settings.learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        steps_per_execution=(min(_STEPS_AT_ONCE, settings.steps) if alone else 1),
      )
      self._model.optimizer.build(self._model.trainable_variables)
    self._start = [variable.numpy() for variable in self._variables()]

  def fit(self, embeddings: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> keras.Model:
    """A classifier trained on weighted embeddings.

    Args:
      embeddings: float32 [n, width].
      labels: [n], 1 or 0.
      weights: float32 [n].

    Returns:
      A model of its own, embeddings [n, width] -> logits [n, 1]; the same for
      the same arguments and settings.
    """
    with self._strategy.scope():
      for variable, value in zip(self._variables(), self._start, strict=True):
        variable.assign(value)
      self._model.fit(
        self._batches(embeddings, labels, weights),
        steps_per_epoch=self._settings.steps,
        epochs=1,
        shuffle=False,
        verbose=0,
      )
    fitted = build(self._width, self._settings)
    fitted.set_weights(self._model.get_weights())
    return fitted

  def _variables(self) -> list[keras.Variable]:
    return [*self._model.variables, *self._model.optimizer.variables]

  def _batches(
    self, embeddings: np.ndarray, labels: np.ndarray, weights: np.ndarray
  ) -> tf.data.Dataset:
    rows = _row_numbers(len(labels), self._settings)
    x = tf.constant(embeddings, tf.float32)
    y = tf.constant(labels[:, None], tf.float32)
    w = tf.constant(weights[:, None], tf.float32)
    return tf.data.Dataset.from_tensor_slices(rows).map(
      lambda row: (tf.gather(x, row), tf.gather(y, row), tf.gather(w, row))
    )


def strategy(
  width: int, settings: ClassifierSettings, among: Sequence[str] = ()
) -> tf.distribute.Strategy:
  """Which devices share the steps of fitting a classifier.

  As many as leave each the same number of embeddings, since Keras gives every
  device's mean loss the same weight.

  Args:
    width: of an embedding.
    settings: of the classifier.
    among: names of devices; none: all GPUs.
  """
  if build(width, settings).count_params() < _WEIGHTS_TO_SHARE:
    return tf.distribute.get_strategy()
  names = list(among) or [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
  count = max(
    (number for number in range(1, len(names) + 1) if settings.batch_size % number == 0), default=0
  )
  return devices.strategy(names[:count])


def build(width: int, settings: ClassifierSettings) -> keras.Model:
  """An untrained classifier: float32 [n, width] -> logits [n, 1]."""
  regularizer = keras.regularizers.L2(settings.l2)
  hidden = [
    keras.layers.Dense(units, "relu", kernel_regularizer=regularizer) for units in settings.hidden
  ]
  return keras.Sequential(
    [keras.Input([width]), *hidden, keras.layers.Dense(1, kernel_regularizer=regularizer)]
  )


def _row_numbers(count: int, settings: ClassifierSettings) -> np.ndarray:
  """Which rows each step sees, int64 [steps, batch]: epochs, shuffled."""
  rng = np.random.default_rng(settings.seed)
  needed = settings.steps * settings.batch_size
  epochs: Sequence[np.ndarray] = [rng.permutation(count) for _ in range(-(-needed // count))]
  return np.concatenate(epochs)[:needed].reshape(settings.steps, settings.batch_size)
