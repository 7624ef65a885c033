"""Which devices train, and in what precision."""

from typing import Sequence

from absl import logging
import tensorflow as tf

_POLICIES = {
    "off": "float32", "float16": "mixed_float16", "bfloat16": "mixed_bfloat16"}


def strategy(devices: Sequence[str] = ()) -> tf.distribute.Strategy:
  """One replica a GPU where there are two or more, else one in all.

  Args:
    devices: names of devices to use instead, such as `["CPU:0", "CPU:1"]`.
  """
  names = list(devices) or [
      f"GPU:{i}" for i in range(len(tf.config.list_logical_devices("GPU")))]
  logging.info("devices for training: %s", ", ".join(names) or "CPU")
  if len(names) > 1:
    return tf.distribute.MirroredStrategy(names)
  return tf.distribute.get_strategy()


def precision(choice: str) -> str:
  """Name of the Keras dtype policy for a setting of `mixed_precision`."""
  if choice == "auto":
    choice = "float16" if tf.config.list_logical_devices("GPU") else "off"
  logging.info("precision for training: %s", _POLICIES[choice])
  return _POLICIES[choice]
