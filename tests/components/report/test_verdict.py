"""The sentences follow the scores."""

import numpy as np
import pytest

from components.report import verdict
from components.shared.artifacts import ladder_files
from components.shared.learning import steps

_RNG = np.random.default_rng(0)
_LABELS = np.arange(200) % 2
_GOOD = 0.8 * _LABELS + 0.1 + _RNG.normal(0, 0.1, 200)
_BAD = 0.2 * _LABELS + 0.4 + _RNG.normal(0, 0.3, 200)


def _scores(**by_step):
  names = {"majority": np.zeros(200), "ceiling": _GOOD, "labeled_only": _BAD, **by_step}
  return ladder_files.Scores([f"{n}.jpg" for n in range(200)], _LABELS, names)


def _ladder(scores):
  return {step: steps.row(_LABELS, steps.Scores(of), 0) for step, of in scores.by_step.items()}


@pytest.mark.parametrize(
  "pushed, said",
  [
    (_GOOD, "Better than labels alone: AUC 1.000 with labels + unlabelled photos + synthetic"),
    (_BAD + _RNG.normal(0, 0.01, 200), "No clear gain over labels alone: AUC 0."),
    (1 - _GOOD, "Worse than labels alone: AUC 0.000"),
  ],
)
def test_first_whether_labels_are_beaten(pushed, said):
  scores = _scores(semi_supervised=pushed)
  found = verdict.compare(scores, "semi_supervised", "labeled_only")
  sentence = verdict.over_labels(found, _ladder(scores))
  assert sentence.startswith(said)
  assert "difference " in sentence and "95% interval " in sentence


def test_synthetic_faces_are_held_against_the_best_that_needs_none():
  scores = _scores(labeled_self_training=_GOOD, semi_supervised=_BAD)
  ladder = _ladder(scores)
  found = verdict.of_synthesis(scores, ladder, "semi_supervised")
  assert (found["with"], found["without"]) == ("semi_supervised", "labeled_self_training")
  sentence = verdict.synthesis(found, ladder, 0.3)
  assert sentence.startswith("The synthetic faces did harm: AUC 0.")
  scores = _scores(labeled_self_training=_BAD[::-1], semi_supervised=_BAD)
  found = verdict.of_synthesis(scores, _ladder(scores), "labeled_only")
  assert (found["with"], found["without"]) == ("semi_supervised", "labeled_only")
  assert found["auc_difference_ci95"] == [0.0, 0.0]


def test_faces_without_weight_were_not_used():
  scores = _scores(semi_supervised=_BAD)
  found = verdict.of_synthesis(scores, _ladder(scores), "semi_supervised")
  assert "were not used" in verdict.synthesis(found, _ladder(scores), 0.0)


def test_a_difference_that_rounding_contradicts_is_about():
  assert verdict.difference(-0.0036, -0.013, 0.0, 0.9878, 0.9914).startswith("difference about -")
  assert verdict.difference(0.007, 0.001, 0.013, 0.991, 0.984).startswith("difference +0.007")


def test_enough_labels():
  rows = [
    {"step": step, "labels": labels, "auc": {"mean": mean}}
    for step, labels, mean in (
      ("semi_supervised", 10, 0.90),
      ("semi_supervised", 20, 0.985),
      ("semi_supervised", 50, 0.99),
      ("ceiling", 50, 0.991),
    )
  ]
  assert verdict.enough_labels(rows).startswith("20 labels come within 0.01")
  assert verdict.enough_labels(rows[:1] + rows[3:]).startswith("More than 10: ")
