"""What `SyntheticMeasures` writes, `measures.json`."""

import json
import os
from typing import Any

import tensorflow as tf

_FILE = "measures.json"


def write(measured: dict[str, Any], uri: str) -> None:
  """Writes what was measured."""
  with tf.io.gfile.GFile(os.path.join(uri, _FILE), "w") as file:
    json.dump(measured, file, indent=2)


def read(uri: str) -> dict[str, Any]:
  """What was measured."""
  with tf.io.gfile.GFile(os.path.join(uri, _FILE)) as file:
    return json.load(file)
