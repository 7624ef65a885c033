"""Decodes faces on one of so many logical CPUs; run by test_placement.

Prints the device that faces are on, and keeps the generator until standard
input ends.

Usage: decode_on_device.py COUNT MODEL_URI
"""

import sys

import numpy as np
import tensorflow as tf

from components.shared.generators import generator as generator_lib


def main(count: int, uri: str) -> None:
  (cpu,) = tf.config.list_physical_devices("CPU")
  tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
  generator = generator_lib.Generator(uri, [f"CPU:{index}" for index in range(count)])
  decode, found = generator._decode, []

  def watched(**inputs):
    outputs = decode(**inputs)
    found.append(outputs["image"].device.rpartition("device:")[2])
    return outputs

  generator._decode = watched
  generator.decode(np.zeros([2, generator.latent_size]))
  print(*found, flush=True)
  sys.stdin.read()


if __name__ == "__main__":
  main(int(sys.argv[1]), *sys.argv[2:])
