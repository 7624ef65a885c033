"""The audit finds wrong labels: those of the seed, made by a real mistake."""

import csv
import pathlib

import numpy as np
import pytest
import tensorflow as tf
from sklearn import linear_model, pipeline, preprocessing

from components.shared.core import errors
from components.shared.data import sources
from components.shared.learning import label_audit
from components.shared.networks import networks

_SEED_LABELS = sources.SAMPLE_LABELS.parent / "seed-test-labels.csv"


def _read(path, column):
  with open(path, newline="") as file:
    return {row["image_id"]: int(row[column]) for row in csv.DictReader(file) if row[column]}


@pytest.fixture(name="embed", scope="module")
def make_embed(sample_photos, facenet_weights):
  network = networks.FACENET
  model = network.build()
  network.load_weights(model, facenet_weights)

  def embed(image_ids):
    photos = [(sample_photos / name).read_bytes() for name in image_ids]
    return np.concatenate(
      [
        model(network.decode_faces(tf.constant(photos[start : start + 32])), training=False).numpy()
        for start in range(0, len(photos), 32)
      ]
    )

  return embed


@pytest.fixture(name="seed", scope="module")
def make_seed(embed):
  """The seed's labels of the evaluation photos, ours, and embeddings."""
  seeds, ours = _read(_SEED_LABELS, "label"), _read(sources.SAMPLE_LABELS, "Male")
  names = sorted(seeds.keys() & ours.keys())
  return (
    embed(names),
    np.array([seeds[name] for name in names]),
    np.array([ours[name] for name in names]),
  )


def _share_found(labels, truth, rows):
  return (labels != truth)[rows].sum(), (labels != truth).sum()


def test_finds_the_seeds_mistakes_with_another_sets_classifier(seed, embed):
  evaluation, labels, truth = seed
  ours = _read(sources.SAMPLE_LABELS, "Male")
  names = [name for name in ours if "000101" <= pathlib.Path(name).stem <= "000200"]
  classifier = pipeline.make_pipeline(
    preprocessing.StandardScaler(), linear_model.LogisticRegression(C=0.01, max_iter=3000)
  )
  classifier.fit(embed(names), [ours[name] for name in names])
  found = label_audit.audit(labels, classifier.predict_proba(evaluation)[:, 1])
  assert len(labels) == 94
  hits, wrong = _share_found(labels, truth, found.ranking[:20])
  assert wrong == 16
  assert hits >= 12
  # The issues are the first of the ranking, and most of them are mistakes.
  hits, _ = _share_found(labels, truth, found.suspects)
  assert hits >= 12 and hits / len(found.suspects) > 0.75
  assert found.suspects.tolist() == [row for row in found.ranking if found.issues[row]]


def test_finds_most_of_them_with_nothing_but_these_labels(seed):
  embeddings, labels, truth = seed
  found = label_audit.audit(labels, label_audit.out_of_fold(embeddings, labels))
  hits, wrong = _share_found(labels, truth, found.ranking[:20])
  by_chance = 20 * wrong / len(labels)
  assert hits >= 2.5 * by_chance


def _two_clouds(wrong=()):
  rng = np.random.default_rng(0)
  truth = np.arange(60) % 2
  embeddings = rng.normal(size=(60, 8)) + 3 * truth[:, None]
  labels = truth.copy()
  labels[list(wrong)] = 1 - labels[list(wrong)]
  return embeddings, labels


def test_out_of_fold_never_learns_from_the_label_that_it_judges():
  embeddings, labels = _two_clouds()
  _, flipped = _two_clouds(wrong=[7])
  before = label_audit.out_of_fold(embeddings, labels)
  after = label_audit.out_of_fold(embeddings, flipped)
  assert before[7] > 0.5 and after[7] > 0.5
  assert np.array_equal(before, label_audit.out_of_fold(embeddings, labels, seed=0))


def test_flipped_labels_come_first():
  wrong = {7, 20, 33}
  embeddings, labels = _two_clouds(wrong)
  found = label_audit.audit(labels, label_audit.out_of_fold(embeddings, labels))
  assert set(found.ranking[:3].tolist()) == wrong
  assert set(found.suspects.tolist()) == wrong
  assert (np.diff(found.quality[found.ranking]) >= 0).all()


def test_right_labels_are_no_issues():
  embeddings, labels = _two_clouds()
  found = label_audit.audit(labels, label_audit.out_of_fold(embeddings, labels))
  assert not found.issues.any() and not len(found.suspects)


def test_too_few_of_a_class_is_said():
  labels = np.array([1] * 20 + [0] * 4)
  with pytest.raises(errors.UserError, match="4 photos are labelled no"):
    label_audit.out_of_fold(np.zeros([24, 3]), labels)


@pytest.mark.parametrize(
  "labels, probabilities",
  [
    ([0, 1], [0.5]),
    ([0, 0], [0.1, 0.2]),
    ([0, 2], [0.1, 0.2]),
    ([0, 1], [0.5, np.nan]),
    ([0, 1], [0.5, 1.5]),
    ([[0, 1]], [[0.1, 0.2]]),
  ],
)
def test_what_is_no_label_or_probability_is_refused(labels, probabilities):
  with pytest.raises(ValueError):
    label_audit.audit(np.array(labels), np.array(probabilities))
