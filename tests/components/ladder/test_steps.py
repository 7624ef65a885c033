"""The ladder's rows and comparison."""

import numpy as np
import pytest

from components.shared.learning import learning, steps
from components.shared.learning.settings import ClassifierSettings
from tests import references

SETTINGS = ClassifierSettings(synthetic_weights=(0.0, 1.0))


def draw(count, seed):
  rng = np.random.default_rng(seed)
  labels = np.arange(count) % 2
  embeddings = rng.normal(size=(count, 8)).astype(np.float32)
  embeddings[:, 0] += 2 * labels - 1
  return learning.Labeled(embeddings, labels)


@pytest.fixture
def knowledge():
  return steps.Knowledge(
    training=learning.TrainingSet(
      labeled=draw(20, 1),
      synthetic=draw(100, 2),
      unlabeled=draw(60, 3).embeddings,
      labeled_folds=np.arange(20) // 2 % 5,
      synthetic_folds=np.arange(100) // 2 % 5,
      blocks=(5, 3),
    ),
    held_out=draw(60, 3),
    direction_labels=20,
  )


def test_all_steps_and_the_pushed_one_as_given(knowledge):
  photos = draw(50, 4)
  pushed = steps.Scores(np.linspace(0, 1, 50))
  seen = []
  scores = steps.scores(knowledge, SETTINGS, photos.embeddings, pushed, seen.append)
  assert tuple(scores) == steps.STEPS == tuple(seen)
  assert scores[SETTINGS.step] is pushed
  assert all(each.probabilities.shape == (50,) for each in scores.values())


def test_a_ladder_is_what_it_was(knowledge):
  photos = draw(200, 4)
  scores = steps.scores(knowledge, SETTINGS, photos.embeddings)
  rows = {step: steps.row(photos.labels, values, 0) for step, values in scores.items()}
  references.check(
    "ladder",
    {
      step: [float(f"{row[name]:.4g}") for name in ("accuracy", "auc")]
      + [float(f"{scores[step].probabilities.std():.3g}")]
      for step, row in rows.items()
    },
    abs=0.006,
  )


def test_no_ceiling_without_held_out_labels(knowledge):
  nothing = learning.Labeled(np.zeros([0, 8], np.float32), np.zeros(0, int))
  knowledge = steps.Knowledge(knowledge.training, nothing, 20)
  scores = steps.scores(knowledge, SETTINGS, draw(10, 4).embeddings, steps.Scores(np.zeros(10)))
  assert steps.CEILING not in scores


def test_held_out_labels_reach_the_ceiling_only(knowledge):
  photos = draw(50, 4).embeddings
  pushed = steps.Scores(np.zeros(50))
  wrong = steps.Knowledge(
    knowledge.training,
    learning.Labeled(knowledge.held_out.embeddings, 1 - knowledge.held_out.labels),
    20,
  )
  right_scores = steps.scores(knowledge, SETTINGS, photos, pushed)
  wrong_scores = steps.scores(wrong, SETTINGS, photos, pushed)
  changed = [
    step
    for step in steps.STEPS
    if not np.array_equal(right_scores[step].probabilities, wrong_scores[step].probabilities)
  ]
  assert changed == [steps.CEILING]


def test_labels_used(knowledge):
  used = {step: steps.labels_used(step, knowledge) for step in (steps.MAJORITY, *steps.STEPS)}
  assert used == {
    "majority": 0,
    "labeled_only": 20,
    "labeled_self_training": 20,
    "synthetic_only": 20,
    "synthetic_student": 20,
    "semi_supervised": 20,
    "ceiling": 80,
  }


def test_row_against_known_values():
  labels = np.array([1, 1, 0, 0])
  row = steps.row(labels, steps.Scores(np.array([0.9, 0.4, 0.6, 0.1])), 7)
  assert row["accuracy"] == 0.5 and row["auc"] == 0.75 and row["n"] == 7
  # Wilson's interval for 2 of 4.
  assert row["accuracy_ci95"] == pytest.approx([0.1500, 0.8500], abs=1e-4)


@pytest.mark.parametrize("positives, accuracy", [(30, 0.7), (70, 0.7)])
def test_majority(positives, accuracy):
  labels = (np.arange(100) < positives).astype(int)
  row = steps.row(labels, steps.majority(labels), 0)
  assert row["accuracy"] == pytest.approx(accuracy)
  assert row["auc"] == 0.5


def test_labels_are_said_at_the_steps_own_threshold():
  row = steps.row(np.array([1, 1, 0, 0]), steps.Scores(np.array([0.3, 0.2, 0.1, 0.05]), 0.15), 4)
  assert row["accuracy"] == row["balanced_accuracy"] == 1 and row["threshold"] == 0.15


def test_the_networks_output_alone(knowledge):
  photos = draw(100, 5)
  found = steps.output_alone(knowledge, SETTINGS, photos.embeddings)
  assert np.mean((found.probabilities > found.threshold) == photos.labels) > 0.7
