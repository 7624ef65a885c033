"""Learns a classifier on so many logical CPUs; run by test_fitting.

Usage: learn_on_devices.py COUNT OUTPUT_JSON
"""

import json
import sys

import numpy as np
import tensorflow as tf

from components.shared.learning import fitting, learning
from components.shared.learning.settings import ClassifierSettings

_WIDTH = 16


def _draw(count: int, seed: int) -> learning.Labeled:
  rng = np.random.default_rng(seed)
  labels = np.arange(count) % 2
  embeddings = rng.normal(size=(count, _WIDTH)).astype(np.float32)
  embeddings[:, 0] += 2 * labels - 1
  return learning.Labeled(embeddings, labels)


def main(count: int, output: str) -> None:
  (cpu,) = tf.config.list_physical_devices("CPU")
  tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
  settings = ClassifierSettings(
    hidden=(1000, 1000), l2=1e-3, steps=20, batch_size=64, synthetic_weights=(0.0, 1.0)
  )
  strategy = fitting.strategy(_WIDTH, settings, [f"CPU:{index}" for index in range(count)])
  data = learning.TrainingSet(
    labeled=_draw(20, seed=1),
    synthetic=_draw(200, seed=2),
    unlabeled=_draw(100, seed=3).embeddings,
    labeled_folds=np.arange(20) // 2 % 2,
    synthetic_folds=np.arange(200) // 2 % 2,
  )
  learned = learning.learn(
    "semi_supervised", data, settings, fitting.Fitter(_WIDTH, settings, strategy)
  )
  with open(output, "w", encoding="utf-8") as file:
    json.dump(
      {
        "replicas": strategy.num_replicas_in_sync,
        "synthetic_weight": learned.synthetic_weight,
        "validation": learned.validation,
        "probabilities": learning.predict(learned.model, _draw(50, seed=4).embeddings).tolist(),
      },
      file,
    )


if __name__ == "__main__":
  main(int(sys.argv[1]), *sys.argv[2:])
