"""The files of a `Ladder` artifact."""

import csv
import dataclasses

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
