"""The figures of a run, as `results` gives them, without the run."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from components.report import results, verdict
from components.shared.artifacts import ladder_files
from components.shared.learning import steps

PHOTOS = 60


def evaluation(
  attributes: Sequence[str], trained: bool = True, blessed: bool = True
) -> dict[str, Any]:
  """Like `results.evaluation`; each attribute has figures of its own."""
  figures = {
    attribute: _of_attribute(attribute, seed, attributes)
    for seed, attribute in enumerate(attributes)
  }
  return {
    "attribute": attributes[0],
    "embedder": "facenet",
    "engine": {"kind": "tensorflow", "reason": "there is a GPU"},
    "blessed": blessed,
    "not_blessed_because": [] if blessed else ["auc is 0.7, not 0.8"],
    "photos": {
      "hand_labeled": PHOTOS,
      "labeled": 99,
      "unlabeled": 307,
      "reserved_without_label": 0,
    },
    "training": {
      "epochs": 7,
      "last_epoch": {"kl": 1.0},
      "alarms": [
        {
          "alarm": "faces all alike",
          "measure": "spread",
          "value": 0.1,
          "bound": 0.2,
          "epochs": [2, 3],
        },
        {
          "alarm": "codes ignored",
          "measure": "dimensions",
          "value": 30.0,
          "bound": 2,
          "epochs": [],
        },
      ],
    }
    if trained
    else None,
    **figures[attributes[0]],
    "attributes": figures,
  }


def slices(attributes: Sequence[str]) -> dict[str, results.Slices]:
  """Like `results.slices`: overall, and by two annotations."""
  found = {}
  for seed, attribute in enumerate(attributes):
    rng = np.random.default_rng(seed)
    found[attribute] = {
      "Overall": _metrics(rng, PHOTOS),
      f"label_{attribute}=0": {
        name: metric for name, metric in _metrics(rng, 25).items() if name != "auc"
      },
      "Wearing_Hat=0": _metrics(rng, PHOTOS - 7),
      "Wearing_Hat=1": {**_metrics(rng, 7), "binary_accuracy": {"value": 0.01}},
    }
  return found


def _metrics(rng: np.random.Generator, photos: int):
  values = rng.uniform(0.6, 0.9, size=4)
  return {
    "example_count": {"value": float(photos)},
    **{
      name: {"value": float(value), "low": float(value) - 0.05, "high": float(value) + 0.05}
      for name, value in zip(("binary_accuracy", "auc", "precision", "recall"), values, strict=True)
    },
  }


def _of_attribute(attribute: str, seed: int, attributes: Sequence[str]):
  rng = np.random.default_rng(seed)
  labels = np.arange(PHOTOS) % 2
  scores = {
    step: np.clip(labels * 0.3 + rng.uniform(0, 0.7, PHOTOS), 0, 1)
    for step in (steps.MAJORITY, *steps.STEPS)
  }
  ladder = {
    step: steps.row(labels, steps.Scores(values), 10 * index)
    for index, (step, values) in enumerate(scores.items())
  }
  of_all = ladder_files.Scores([f"{n}.jpg" for n in range(PHOTOS)], labels, scores)
  comparison = verdict.of_synthesis(of_all, ladder, "semi_supervised")
  over_labels = verdict.compare(of_all, "semi_supervised", "labeled_only")
  pushed = ladder["semi_supervised"]
  return {
    "step": "semi_supervised",
    "hand_labeled": {
      "n": PHOTOS,
      "accuracy": pushed["accuracy"],
      "accuracy_ci95": pushed["accuracy_ci95"],
      "auc": pushed["auc"],
    },
    "does_it_beat_labels": verdict.over_labels(over_labels, ladder),
    "over_labels": over_labels,
    "did_synthesis_help": verdict.synthesis(comparison, ladder, 0.3),
    "comparison": comparison,
    "ladder": ladder,
    "references": {"output_only": ladder["ceiling"]},
    "more_labels": None,
    "what_labels_would_do": verdict.more_labels(None),
    "learned": {"synthetic_weight": 0.3},
    "direction": {
      "method": "scored_samples",
      "positives": 40 + seed,
      "negatives": 59,
      "separation_auc": 0.9,
      "scorer_auc": 0.95,
      "warning": None,
    },
    "generator": {
      **{
        measure: float(value)
        for measure, value in zip(
          (
            "kid",
            "precision",
            "recall",
            "density",
            "coverage",
            "nearest_neighbour_ratio",
            "real_or_synthetic_auc",
            "label_fidelity",
            "label_fidelity_unfiltered",
            "kept",
          ),
          rng.uniform(size=10),
          strict=True,
        )
      },
      "attribute_drift": {other: 0.125 for other in attributes if other != attribute},
    },
  }
