"""Directions and scorers by fold, on data whose answer is known."""

import dataclasses

import numpy as np
import pytest

from components.latent_directions import finding, photos
from components.shared.artifacts import latent_codes
from components.shared.core import errors
from components.shared.data import folds
from components.shared.learning import latents
from components.shared.learning.direction_settings import DirectionSettings

LATENT, WIDTH = 5, 8
NO_LATENTS = latents.Latents(
  np.zeros([0, LATENT], np.float32), np.zeros(0, np.int8), np.zeros(0, np.int64), np.zeros(0, "S1")
)


def embed(codes, rng):
  """Code 1 is the attribute, and shows along the first dimension."""
  rows = rng.normal(size=(len(codes), WIDTH)) * 0.5
  rows[:, 0] += 2.0 * codes[:, 1]
  return rows.astype(np.float32)


def draw(count=400, informative=True):
  """60 labelled photos in 5 folds, unlabelled ones, and samples."""
  rng = np.random.default_rng(0)
  codes = rng.normal(size=(count, LATENT))
  labels = (codes[:, 1] > 0).astype(np.int64)
  if not informative:
    labels = rng.integers(0, 2, count)
  rows = embed(codes, rng)
  fold = np.arange(60) % 5
  sample_codes = rng.normal(size=(500, LATENT))
  return (
    photos.Photos(rows[:60], labels[:60], fold, rows[60:]),
    latents.Latents(
      codes.astype(np.float32),
      np.concatenate([labels[:60], np.full(count - 60, latents.UNKNOWN)]),
      np.concatenate([fold, np.full(count - 60, folds.NO_FOLD)]),
      np.arange(count).astype("S"),
    ),
    latent_codes.LatentCodes(
      codes.astype(np.float32), np.arange(count).astype("S"), sample_codes, embed(sample_codes, rng)
    ),
  )


@pytest.mark.parametrize("method", ["scored_samples", "class_means"])
def test_finds_the_attribute(method):
  found = finding.find("Male", *draw(), DirectionSettings(method=method))
  assert list(found.directions) == list(found.scorers) == [-1, 0, 1, 2, 3, 4]
  for fold, direction in found.directions.items():
    assert direction.fold == fold and direction.attribute == "Male"
    assert direction.unit[1] > 0.8
    assert direction.warning is None
    assert direction.scorer_auc > 0.8
    assert direction.positives + direction.negatives == (60 if fold == folds.NO_FOLD else 48)


def test_needs_no_encoder():
  faces, _, drawn = draw()
  found = finding.find("Male", faces, NO_LATENTS, drawn, DirectionSettings())
  assert found.directions[folds.NO_FOLD].unit[1] > 0.8
  with pytest.raises(errors.UserError, match="class_means needs a generator"):
    finding.find("Male", faces, NO_LATENTS, drawn, DirectionSettings(method="class_means"))


def test_a_fold_owes_nothing_to_its_labels():
  faces, codes, drawn = draw()
  labels = np.where(faces.folds == 2, 1 - faces.labels, faces.labels)
  changed = dataclasses.replace(faces, labels=labels)
  one, other = (
    finding.find("Male", given, codes, drawn, DirectionSettings()) for given in (faces, changed)
  )
  np.testing.assert_array_equal(one.directions[2].unit, other.directions[2].unit)
  np.testing.assert_array_equal(one.scorers[2].weights, other.scorers[2].weights)
  for fold in (-1, 0, 1, 3, 4):
    assert not np.allclose(one.scorers[fold].weights, other.scorers[fold].weights)


def test_says_loudly_that_nothing_is_separated():
  found = finding.find("Male", *draw(informative=False), DirectionSettings())
  direction = found.directions[folds.NO_FOLD]
  assert "the scorer of faces may separate nothing" in direction.warning


def test_without_folds():
  faces, codes, drawn = draw()
  few = photos.Photos(
    faces.labeled[:6], np.array([0, 0, 0, 0, 1, 1]), np.full(6, folds.NO_FOLD), faces.unlabeled
  )
  found = finding.find("Male", few, codes, drawn, DirectionSettings())
  assert list(found.directions) == [folds.NO_FOLD]
  assert found.directions[folds.NO_FOLD].scorer_auc is None


def test_one_class_is_refused():
  faces, codes, drawn = draw()
  alone = dataclasses.replace(faces, labels=np.ones(60, np.int64))
  with pytest.raises(errors.UserError, match="60 have it and 0 have not"):
    finding.find("Male", alone, codes, drawn, DirectionSettings())


@pytest.mark.parametrize("share, fine", [(0.5, True), (0.03, False)])
def test_a_generator_that_draws_one_face_is_refused(share, fine):
  real, _, drawn = draw()
  mean = drawn.embeddings.mean(axis=0)
  drawn = dataclasses.replace(drawn, embeddings=mean + share * (drawn.embeddings - mean))
  if fine:
    finding.require_variety(drawn, real)
    return
  with pytest.raises(
    errors.UserError,
    match=r"draws one face, whatever the "
    r"code: embeddings of 500 of its faces vary 0.0\d\d times",
  ):
    finding.require_variety(drawn, real)
