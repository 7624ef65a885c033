"""The files of a `Ladder` artifact."""

import csv
import dataclasses
import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from components.shared.data import feature_names

LADDER = "ladder.json"
SCORES = "scores.csv"


@dataclasses.dataclass(frozen=True)
class Scores:
  """What every step said of an attribute's evaluation photos.

  Attributes:
    image_ids: n files.
    labels: int [n], 1 or 0, by hand.
    by_step: probabilities of 1, float [n], by step.
    thresholds: by step, from which probability on it says 1; 0.5 where a step
      is not there.
  """

  image_ids: list[str]
  labels: np.ndarray
  by_step: dict[str, np.ndarray]
  thresholds: dict[str, float] = dataclasses.field(default_factory=dict)

  def said(self, step: str) -> np.ndarray:
    """The labels that a step gives, bool [n]."""
    return self.by_step[step] >= self.thresholds.get(step, 0.5)


def write(folder: str, results: Mapping[str, Any], scores: Mapping[str, Scores]) -> None:
  """Writes both files.

  Args:
    folder: of the artifact.
    results: by attribute, what `ladder.json` is to say.
    scores: by attribute.
  """
  tf.io.gfile.makedirs(folder)
  with tf.io.gfile.GFile(os.path.join(folder, LADDER), "w") as file:
    json.dump(results, file, indent=2)
  # A step may be there for one attribute only.
  steps = dict.fromkeys(step for of in scores.values() for step in of.by_step)
  with tf.io.gfile.GFile(os.path.join(folder, SCORES), "w") as file:
    writer = csv.DictWriter(
      file, ["attribute", feature_names.IMAGE_ID, "label", *steps], lineterminator="\n"
    )
    writer.writeheader()
    for attribute, of in scores.items():
      for number, (image_id, label) in enumerate(zip(of.image_ids, of.labels, strict=True)):
        writer.writerow(
          {
            "attribute": attribute,
            feature_names.IMAGE_ID: image_id,
            "label": label,
            **{step: f"{values[number]:.6f}" for step, values in of.by_step.items()},
          }
        )


def read(folder: str) -> dict[str, Any]:
  """What `ladder.json` says, by attribute.

  Args:
    folder: of the artifact.

  Raises:
    OSError: it can't be read.
    ValueError: it is damaged.
  """
  with tf.io.gfile.GFile(os.path.join(folder, LADDER)) as file:
    return json.load(file)


def read_scores(path: str) -> dict[str, Scores]:
  """The content of a `scores.csv`, by attribute.

  Args:
    path: of the file.

  Raises:
    OSError: it can't be read.
    ValueError, KeyError: it is damaged.
  """
  with tf.io.gfile.GFile(path) as file:
    rows = list(csv.DictReader(file))
  found = {}
  for attribute in dict.fromkeys(row["attribute"] for row in rows):
    mine = [row for row in rows if row["attribute"] == attribute]
    steps = [name for name in mine[0] if name not in ("attribute", feature_names.IMAGE_ID, "label")]
    found[attribute] = Scores(
      image_ids=[row[feature_names.IMAGE_ID] for row in mine],
      labels=np.array([int(row["label"]) for row in mine]),
      # A step may be there for another attribute only.
      by_step={
        step: np.array([float(row[step]) for row in mine])
        for step in steps
        if all(row[step] for row in mine)
      },
    )
  return found
