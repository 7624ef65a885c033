"""Teachers and students on data whose answer is known."""

import dataclasses

import numpy as np
import pytest
from sklearn import metrics

from components.shared.data import folds
from components.shared.learning import learning
from components.shared.learning.propagation_settings import PropagationSettings
from components.shared.learning.settings import ClassifierSettings

WIDTH = 16
SETTINGS = ClassifierSettings(steps=150, batch_size=128, synthetic_weights=(0.0, 1.0))


def draw(count, distance, seed, flipped=False):
  """Two classes, `distance` apart along the first dimension."""
  rng = np.random.default_rng(seed)
  labels = np.arange(count) % 2
  embeddings = rng.normal(size=(count, WIDTH)).astype(np.float32)
  embeddings[:, 0] += distance * (2 * labels - 1)
  return learning.Labeled(embeddings, 1 - labels if flipped else labels)


def training_set(synthetic=None):
  return learning.TrainingSet(
    labeled=draw(20, 1.5, seed=1),
    synthetic=draw(400, 1.5, seed=2) if synthetic is None else synthetic,
    unlabeled=draw(300, 1.5, seed=3).embeddings,
    labeled_folds=np.arange(20) // 2 % 5,
    synthetic_folds=np.arange(400) // 2 % 5,
  )


def auc(learned):
  photos = draw(500, 1.5, seed=4)
  return metrics.roc_auc_score(photos.labels, learning.predict(learned.model, photos.embeddings))


@pytest.mark.parametrize(
  "step",
  [
    "labeled_only",
    "labeled_self_training",
    "synthetic_only",
    "synthetic_student",
    "semi_supervised",
    "ceiling",
  ],
)
def test_every_step_learns(step):
  assert auc(learning.learn(step, training_set(), SETTINGS)) > 0.85


def test_polarity_is_that_of_the_labels():
  flipped = training_set(synthetic=draw(400, 1.5, seed=2, flipped=True))
  assert auc(learning.learn("synthetic_only", flipped, SETTINGS)) < 0.15


def test_misleading_synthetic_faces_get_no_weight():
  misleading = training_set(synthetic=draw(400, 1.5, seed=2, flipped=True))
  learned = learning.learn("semi_supervised", misleading, SETTINGS)
  assert learned.synthetic_weight == 0.0
  assert auc(learned) > 0.85
  assert learned.validation["1.0"]["log_loss"] > learned.validation["0.0"]["log_loss"]


def test_good_synthetic_faces_get_weight():
  """Forty labels in sixteen dimensions are learned by heart, and a student
  of ten photos learns nothing new."""
  data = learning.TrainingSet(
    labeled=draw(40, 0.8, seed=1),
    synthetic=draw(2000, 0.8, seed=2),
    unlabeled=draw(10, 0.8, seed=3).embeddings,
    labeled_folds=np.arange(40) // 2 % 5,
    synthetic_folds=np.arange(2000) // 2 % 5,
  )
  learned = learning.learn("semi_supervised", data, dataclasses.replace(SETTINGS, l2=0.0))
  assert learned.synthetic_weight == 1.0, learned.validation


def test_validation_uses_only_faces_that_owe_the_fold_nothing():
  """Faces that are right for every fold but their own must not look good."""
  data = training_set()
  copies = learning.Labeled(
    np.concatenate([data.labeled.embeddings] * 20), np.concatenate([data.labeled.labels] * 20)
  )
  # The copies of a fold's photos, wrongly labelled, are what that fold gets.
  data = dataclasses.replace(
    data,
    synthetic=learning.Labeled(copies.embeddings, 1 - copies.labels),
    synthetic_folds=np.concatenate([data.labeled_folds] * 20),
  )
  learned = learning.learn("semi_supervised", data, SETTINGS)
  assert learned.validation["1.0"]["auc"] < 0.5
  assert learned.synthetic_weight == 0.0


def test_too_few_labels_to_validate():
  data = dataclasses.replace(training_set(), labeled_folds=np.full(20, folds.NO_FOLD))
  learned = learning.learn("semi_supervised", data, SETTINGS)
  assert learned.synthetic_weight == 1.0 and not learned.validation


def test_same_settings_same_classifier():
  one, other = (
    learning.learn("labeled_self_training", training_set(), SETTINGS).model for _ in range(2)
  )
  for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
    np.testing.assert_array_equal(a, b)


def test_student_counts_what_it_took():
  learned = learning.learn("labeled_self_training", training_set(), SETTINGS)
  assert learned.pseudo_labeled == 300
  few = dataclasses.replace(SETTINGS, propagation=PropagationSettings(max_photos=100))
  learned = learning.learn("synthetic_student", training_set(), few)
  assert learned.pseudo_labeled == 100


def test_flatten_weighs_parts_as_said():
  embeddings, labels, weights = learning.flatten(
    [
      learning.Part(draw(10, 1, seed=0), 10.0),
      learning.Part(draw(100, 1, seed=1), 20.0),
      learning.Part(draw(5, 1, seed=2), 0.0),
    ]
  )
  assert embeddings.shape == (110, WIDTH) and labels.shape == (110,)
  assert weights[:10].sum() * 2 == pytest.approx(weights[10:].sum())
  assert weights.mean() == pytest.approx(1.0)


def test_hidden_layers():
  settings = ClassifierSettings(hidden=(8,), steps=150, batch_size=128)
  learned = learning.learn("synthetic_only", training_set(), settings)
  assert len(learned.model.get_weights()) == 4
  assert auc(learned) > 0.85
