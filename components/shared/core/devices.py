"""Which devices train, how they share a step, and in what precision."""

from collections.abc import Sequence

import tensorflow as tf
from absl import logging

from components.shared.core import errors

_POLICIES = {"off": "float32", "float16": "mixed_float16", "bfloat16": "mixed_bfloat16"}


def strategy(devices: Sequence[str] = ()) -> tf.distribute.Strategy:
  """One replica a GPU where there are two or more, else one in all.

  Args:
    devices: names of devices to use instead, such as `["CPU:0", "CPU:1"]`.
  """
  names = list(devices) or [f"GPU:{i}" for i in range(len(tf.config.list_logical_devices("GPU")))]
  logging.info("devices for training: %s", ", ".join(names) or "CPU")
  if len(names) > 1:
    return tf.distribute.MirroredStrategy(names)
  return tf.distribute.get_strategy()


def sharing(
  strategy_: tf.distribute.Strategy, batch_size: int, unit: str, learning_rate: float, setting: str
) -> str:
  """What a step of training is, in words.

  Devices share a batch; they don't make it larger. So a learning rate that is
  good on one device is good on several, and nothing scales it.

  Args:
    strategy_: the devices.
    batch_size: of all of them together.
    unit: what a batch is of, in the plural.
    learning_rate: of each step.
    setting: name of the batch size's setting.

  Raises:
    UserError: a device would be left without any.
  """
  count = strategy_.num_replicas_in_sync
  if batch_size < count:
    raise errors.UserError(
      f"{setting}={batch_size} is too small for {count} devices to share: "
      "raise it, or take fewer GPUs with --devices"
    )
  fewest, left = divmod(batch_size, count)
  each = f", {fewest}{f' or {fewest + 1}' if left else ''} each"
  return (
    f"{count} device{'s' if count > 1 else ''}, {batch_size} {unit} a "
    f"step{each if count > 1 else ''}, learning rate {learning_rate:g}"
  )


def precision(choice: str) -> str:
  """Name of the Keras dtype policy for a setting of `mixed_precision`."""
  if choice == "auto":
    choice = "float16" if tf.config.list_logical_devices("GPU") else "off"
  logging.info("precision for training: %s", _POLICIES[choice])
  return _POLICIES[choice]
