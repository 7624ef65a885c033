"""Loss scaling for float16."""

import tensorflow as tf

Gradients = list[tf.Tensor]
_GROWTH_STEPS = 2000
_FIRST = 2.0**12


class LossScale(tf.Module):
  """Keeps small float16 gradients from vanishing (arXiv:1710.03740).

  The loss is multiplied before gradients are taken and they are divided
  after. Where any of them is not finite, on any device, all of that step's
  become zero and the scale is halved; it doubles after 2000 good steps.
  Keras's `LossScaleOptimizer` looks at one device's gradients only, so that
  devices could disagree about a step.

  Args:
    dynamic: False (float32, bfloat16) leaves losses and gradients as they are.
  """

  def __init__(self, dynamic: bool):
    super().__init__(name="loss_scale")
    self._dynamic = dynamic
    self.value = tf.Variable(
      _FIRST if dynamic else 1.0,
      trainable=False,
      name="value",
      aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
    self.good_steps = tf.Variable(
      0, trainable=False, name="good_steps", aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA
    )

  def scaled(self, loss: tf.Tensor) -> tf.Tensor:
    return loss * self.value if self._dynamic else loss

  def unscaled(self, *lists: Gradients) -> tuple[Gradients, ...]:
    """The gradients of the unscaled loss; all zero after an overflow."""
    if not self._dynamic:
      return lists
    bad = tf.add_n(
      [
        tf.reduce_sum(tf.cast(~tf.math.is_finite(g), tf.float32))
        for gradients in lists
        for g in gradients
      ]
    )
    bad = tf.distribute.get_replica_context().all_reduce("SUM", bad)
    finite = bad == 0
    scale = tf.identity(self.value)
    self._adjust(finite)
    return tuple(
      [tf.where(finite, g / scale, tf.zeros_like(g)) for g in gradients] for gradients in lists
    )

  def _adjust(self, finite: tf.Tensor) -> None:
    good = tf.where(finite, self.good_steps + 1, 0)
    grown = good >= _GROWTH_STEPS
    factor = tf.where(finite, tf.where(grown, 2.0, 1.0), 0.5)
    self.value.assign(tf.maximum(self.value * factor, 1.0))
    self.good_steps.assign(tf.where(grown, 0, good))
