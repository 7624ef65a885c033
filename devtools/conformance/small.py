"""The compiled file that conformance is recorded with: the sample, small."""

import pathlib

from pipeline import config as config_lib
from pipeline import experiments

SETTINGS = {
  "generator.image_size": 32,
  "generator.latent_size": 32,
  "generator.widths": [16, 32, 64],
  "generator.epochs": 15,
  "direction.samples": 300,
  "synthetic.train_faces": 300,
  "synthetic.eval_faces": 60,
  "classifier.synthetic_weights": [0, 0.3],
  "kubeflow.image": "registry.example/latent-labels:1",
  "kubeflow.volume": "latent-labels",
}


def write(path: pathlib.Path) -> None:
  """Compiles it."""
  from pipeline.platforms.kubeflow import compile as compile_lib  # TFX, TensorFlow.

  config = config_lib.with_values(experiments.load("sample"), SETTINGS)
  compile_lib.write(compile_lib.compile_pipeline(config), path)
