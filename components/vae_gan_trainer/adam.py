"""Adam and a moving average of the weights, in few passes over memory."""

from collections.abc import Sequence

import keras
import tensorflow as tf

# beta_1 0.5 as in Radford et al. 2016 (arXiv:1511.06434), section 4.
_BETA_1 = 0.5
_BETA_2 = 0.99
_EPSILON = 1e-7
_AVERAGING_STEPS = 0.05  # of the span of the averages, between two updates


class Adam(tf.Module):
  """Adam (Kingma & Ba 2015, arXiv:1412.6980), each variable in one kernel.

  `keras.optimizers.Adam` gives the same numbers in a dozen operations, each
  of which passes over memory, and three more for the average.

  To be built, and called, in the scope of its `tf.distribute` strategy.

  Args:
    variables: what to change.
    averages: variables of the same shapes and values, which follow.
    learning_rate: of Adam.
    momentum: an average keeps this share of itself each step. Where it is
      close to 1, averages are brought up to date only every few steps.
  """

  def __init__(
    self,
    *,
    variables: Sequence[keras.Variable],
    averages: Sequence[keras.Variable],
    learning_rate: float,
    momentum: float,
  ):
    super().__init__(name="adam")
    self._variables, self._averages = tuple(variables), tuple(averages)
    self._learning_rate = learning_rate
    self._interval = max(1, round(_AVERAGING_STEPS / (1.0 - momentum)))
    self._momentum = momentum**self._interval
    self.steps = tf.Variable(
      0,
      dtype=tf.int64,
      trainable=False,
      name="steps",
      aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
    self.first = _zeros(variables, "first")
    self.second = _zeros(variables, "second")

  def apply(self, gradients: list[tf.Tensor]) -> None:
    """One step, the same on every replica.

    Args:
      gradients: of this replica's share of the loss, for each variable.
    """
    gradients = tf.distribute.get_replica_context().all_reduce(
      tf.distribute.ReduceOp.SUM, gradients
    )
    self.steps.assign_add(1)
    step = tf.cast(self.steps, tf.float32)
    constants = {
      "lr": self._learning_rate,
      "beta1": _BETA_1,
      "beta2": _BETA_2,
      "epsilon": _EPSILON,
      "beta1_power": _BETA_1**step,
      "beta2_power": _BETA_2**step,
    }
    for index, gradient in enumerate(gradients):
      tf.raw_ops.ResourceApplyAdam(
        var=_handle(self._variables[index]),
        m=self.first[index].handle,
        v=self.second[index].handle,
        grad=gradient,
        **constants,
      )
    tf.cond(self.steps % self._interval == 0, self._average, _nothing)

  def _average(self) -> None:
    for variable, average in zip(self._variables, self._averages, strict=True):
      tf.raw_ops.ResourceApplyGradientDescent(
        var=_handle(average),
        alpha=1.0 - self._momentum,
        delta=average.value.read_value() - variable.value.read_value(),
      )


def _nothing() -> None:
  pass


def _handle(variable: keras.Variable) -> tf.Tensor:
  return variable.value.handle


def _zeros(variables: Sequence[keras.Variable], name: str) -> list[tf.Variable]:
  return [tf.Variable(tf.zeros(v.shape), trainable=False, name=name) for v in variables]
