"""How many synthetic faces of each class were kept: `LabelFilter`'s counts."""

import json
import os
from typing import Any

import tensorflow as tf

FILE = "kept.json"


def write(rows: list[dict[str, Any]], uri: str) -> None:
  """Writes the rows that `read` gives."""
  with tf.io.gfile.GFile(os.path.join(uri, FILE), "w") as file:
    json.dump(rows, file, indent=1)


def read(uri: str) -> list[dict[str, Any]]:
  """A row for each class: `split`, `attribute`, `label`, and how many faces
  were `made`, have that label `confirmed`, and are `kept`, as all of theirs
  are."""
  with tf.io.gfile.GFile(os.path.join(uri, FILE)) as file:
    return json.load(file)
