"""The files of the InfraBlessing that `ServingGate` writes."""

import json
import os
from typing import Any

import tensorflow as tf

from components.shared.learning import monitoring

MEASURED = "serving.json"
BASELINE = monitoring.FILE


def read(uri: str) -> dict[str, Any]:
  """What was measured: `seconds_1` and `seconds_32` to label one photo and 32,
  `load_seconds`, `peak_rss_bytes`, figures by attribute, and `problems`, why
  the model must not be pushed. Problems alone where it could not be tried."""
  with tf.io.gfile.GFile(os.path.join(uri, MEASURED)) as file:
    return json.load(file)
