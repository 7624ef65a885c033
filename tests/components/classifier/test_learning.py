"""Teachers and students on data whose answer is known."""

import dataclasses

import numpy as np
import pytest
from sklearn import metrics

from components.shared.data import folds
from components.shared.learning import curve, learning
from components.shared.learning.propagation_settings import PropagationSettings
from components.shared.learning.settings import ClassifierSettings

WIDTH = 16
BLOCKS = (10, 6)
SETTINGS = ClassifierSettings(synthetic_weights=(0.0, 1.0))


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
    blocks=BLOCKS,
  )


def candidates(learned, choice):
  (found,) = (each for each in learned.choices if each["choice"] == choice)
  return found["candidates"]


def auc(learned):
  photos = draw(500, 1.5, seed=4)
  return metrics.roc_auc_score(photos.labels, learned.model.probabilities(photos.embeddings))


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
  without, with_ = candidates(learned, "synthetic faces")
  assert with_["cv_log_loss"] > without["cv_log_loss"]


def test_good_synthetic_faces_get_weight():
  """Thirty labels in two hundred dimensions are learned by heart, and there is no
  other photo."""
  wide = np.random.default_rng(9).normal(size=(2030, 200)).astype(np.float32)

  def widened(drawn, rows):
    return learning.Labeled(np.concatenate([drawn.embeddings, wide[rows]], axis=1), drawn.labels)

  data = learning.TrainingSet(
    labeled=widened(draw(30, 1.0, seed=1), slice(0, 30)),
    synthetic=widened(draw(2000, 1.0, seed=2), slice(30, 2030)),
    unlabeled=np.zeros([0, WIDTH + 200], np.float32),
    labeled_folds=np.arange(30) // 2 % 5,
    synthetic_folds=np.arange(2000) // 2 % 5,
    blocks=(WIDTH + 200,),
  )
  learned = learning.learn("semi_supervised", data, SETTINGS)
  assert learned.synthetic_weight == 1.0, learned.choices


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
  assert candidates(learned, "synthetic faces")[1]["cv_auc"] < 0.5
  assert learned.synthetic_weight == 0.0


def test_too_few_labels_to_validate():
  data = dataclasses.replace(training_set(), labeled_folds=np.full(20, folds.NO_FOLD))
  learned = learning.learn("semi_supervised", data, SETTINGS)
  assert learned.synthetic_weight == learned.spread_weight == 1.0
  assert "synthetic faces" not in {each["choice"] for each in learned.choices}


def test_same_settings_same_classifier():
  one, other = (
    learning.learn("labeled_self_training", training_set(), SETTINGS).model for _ in range(2)
  )
  np.testing.assert_array_equal(one.kernels, other.kernels)
  assert (one.slope, one.intercept, one.threshold) == (
    other.slope,
    other.intercept,
    other.threshold,
  )


def test_student_counts_what_it_took():
  always = dataclasses.replace(SETTINGS, spread_weights=(0.3,))
  assert learning.learn("labeled_self_training", training_set(), always).pseudo_labeled == 300
  few = dataclasses.replace(SETTINGS, propagation=PropagationSettings(max_photos=100))
  assert learning.learn("synthetic_student", training_set(), few).pseudo_labeled == 100


def test_misleading_neighbours_get_no_weight():
  """Photos lie near each other by what the label does not depend on."""
  rng = np.random.default_rng(5)
  labels = np.arange(60) % 2
  embeddings = rng.normal(size=(60, WIDTH)).astype(np.float32)
  embeddings[:, 0] += 0.8 * (2 * labels - 1)
  embeddings[:, 1] += 30 * rng.integers(0, 2, 60)
  others = rng.normal(size=(300, WIDTH)).astype(np.float32)
  others[:, 1] += 30 * (np.arange(300) % 2)
  data = dataclasses.replace(
    training_set(),
    labeled=learning.Labeled(embeddings, labels),
    labeled_folds=np.arange(60) // 2 % 5,
    unlabeled=others,
  )
  assert learning.learn("labeled_self_training", data, SETTINGS).spread_weight == 0


def test_depths_that_know_nothing_are_not_listened_to():
  rng = np.random.default_rng(6)
  labeled = draw(60, 1.0, seed=1)
  noise = rng.normal(size=(60, 8)).astype(np.float32)
  base = learning.base(
    learning.Labeled(np.concatenate([noise, labeled.embeddings], axis=1), labeled.labels),
    (8, WIDTH),
    SETTINGS,
  )
  assert base.shares.sum() == pytest.approx(1) and base.shares[1] > 0.95


def _rare(count, share, seed):
  rng = np.random.default_rng(seed)
  labels = (np.arange(count) < share * count).astype(int)
  embeddings = rng.normal(size=(count, WIDTH)).astype(np.float32)
  embeddings[:, 0] += 1.2 * (2 * labels - 1)
  return learning.Labeled(embeddings, labels)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.85])
def test_probabilities_are_those_of_the_natural_share(share):
  data = dataclasses.replace(
    training_set(), labeled=_rare(200, share, 1), labeled_folds=np.arange(200) % 5
  )
  model = learning.learn("labeled_only", data, SETTINGS).model
  photos = _rare(4000, share, 2)
  chances = model.probabilities(photos.embeddings)
  assert chances.mean() == pytest.approx(share, abs=0.05)
  assert np.mean((chances - photos.labels) ** 2) < share * (1 - share)
  said = chances >= model.threshold
  assert np.mean([(said == photos.labels)[photos.labels == label].mean() for label in (0, 1)]) > 0.7


def test_labels_drawn_by_class_are_brought_to_the_natural_share():
  photos = _rare(3000, 0.1, 3)
  drawn = np.concatenate([np.arange(60), 300 + np.arange(60)])
  data = dataclasses.replace(
    training_set(),
    labeled=photos.rows(drawn),
    labeled_folds=np.arange(120) % 5,
    unlabeled=photos.embeddings,
  )
  stratified = dataclasses.replace(SETTINGS, label_sampling="stratified")
  model = learning.learn("labeled_only", data, stratified).model
  assert model.probabilities(photos.embeddings).mean() == pytest.approx(0.1, abs=0.06)
  assert model.threshold == pytest.approx(0.1, abs=0.06)
  taken_as_drawn = learning.learn("labeled_only", data, SETTINGS).model
  assert taken_as_drawn.threshold == pytest.approx(0.5, abs=0.01)


def test_flatten_weighs_parts_as_said():
  first, second = (
    learning.Part(drawn.embeddings, drawn.labels.astype(float), weight)
    for drawn, weight in ((draw(10, 1, seed=0), 10.0), (_rare(100, 0.1, 1), 20.0))
  )
  embeddings, targets, weights = learning.flatten([first, second])
  assert embeddings.shape == (110, WIDTH) and targets.shape == (110,)
  assert weights[:10].sum() == pytest.approx(10) and weights[10:].sum() == pytest.approx(20)
  assert weights[10:][targets[10:] == 1].sum() == pytest.approx(10)


def test_a_forecast_follows_what_more_labels_bring():
  few = draw(80, 0.5, seed=7)
  found = curve.forecast(few, BLOCKS, SETTINGS)
  areas = [
    metrics.roc_auc_score(
      draw(2000, 0.5, seed=8).labels,
      learning.learn(
        "labeled_only",
        dataclasses.replace(
          training_set(), labeled=each, labeled_folds=np.arange(len(each)) // 2 % 5
        ),
        SETTINGS,
      ).model.probabilities(draw(2000, 0.5, seed=8).embeddings),
    )
    for each in (few, draw(160, 0.5, seed=7))
  ]
  low, high = found["gain_ci95"]
  assert found["labels"] == 80 and low - 0.03 <= areas[1] - areas[0] <= high + 0.03
  assert curve.forecast(draw(10, 1, seed=1), BLOCKS, SETTINGS) is None
