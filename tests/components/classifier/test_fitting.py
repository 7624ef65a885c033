"""Which devices fit a classifier, and that it is the same one."""

import json
import pathlib
import subprocess
import sys

import pytest

from components.shared.learning import fitting
from components.shared.learning.settings import ClassifierSettings

_ROOT = pathlib.Path(__file__).parents[3]
_THREE = ("CPU:0", "CPU:1", "CPU:2")


def test_logistic_regression_is_not_worth_sharing():
  for width in (128, 4096):
    assert fitting.strategy(width, ClassifierSettings(), _THREE).num_replicas_in_sync == 1


def test_devices_learn_the_same_classifier_as_one(tmp_path):
  """Of three devices two share a batch of 64, a power of two. Devices are
  fixed once TensorFlow runs, hence other processes."""
  learned = []
  for count in ("1", "3"):
    output = tmp_path / f"{count}.json"
    subprocess.run(
      [sys.executable, "-m", "tests.components.classifier.learn_on_devices", count, str(output)],
      cwd=_ROOT,
      check=True,
      capture_output=True,
    )
    learned.append(json.loads(output.read_text()))
  one, two = learned
  assert (one.pop("replicas"), two.pop("replicas")) == (1, 2)
  assert one["synthetic_weight"] == two["synthetic_weight"]
  assert one["probabilities"] == pytest.approx(two["probabilities"], abs=1e-4)
  for weight, scores in one["validation"].items():
    assert scores == pytest.approx(two["validation"][weight], abs=1e-4)
  # They learned something: these are probabilities of 0, 1, 0, 1 ...
  assert sum(one["probabilities"][1::2]) > sum(one["probabilities"][::2]) + 2
