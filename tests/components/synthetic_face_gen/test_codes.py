"""Codes: balance, polarity, and randomness that follows from the number."""

import numpy as np
import pydantic
import pytest

from components.shared.core import errors
from components.shared.data import folds
from components.shared.learning import latents
from components.synthetic_face_gen import codes
from components.synthetic_face_gen import settings as settings_lib
from tests.components.synthetic_face_gen import found_directions

_KINDS = ("class_means", "encoded", "prior")
_TRAIN, _EVAL = "synthetic_train", "synthetic_eval"


@pytest.fixture(scope="module")
def photos() -> latents.Latents:
  rng = np.random.default_rng(0)
  labels = (np.arange(80) % 2).astype(np.int8)
  values = rng.standard_normal([80, 6]).astype(np.float32)
  values[:, 1] += 3.0 * labels
  labels[60:] = latents.UNKNOWN
  return latents.Latents(
    codes=values,
    labels=labels,
    folds=np.full(len(labels), folds.NO_FOLD),
    image_ids=np.arange(len(labels)).astype("S"),
  )


def _sampler(photos, **settings) -> codes.Sampler:
  return codes.Sampler(
    settings_lib.SyntheticSettings(**settings),
    photos,
    [found_directions.by_fold(photos)[folds.NO_FOLD]],
  )


def _draw(sampler: codes.Sampler, stop: int, start: int = 0, split=_TRAIN):
  """Codes [m, z] and labels [m] of faces whose classes take turns."""
  numbers = np.arange(start, stop)
  labels = numbers % 2
  samples = sampler.sample(split, numbers, labels[:, np.newaxis])
  assert samples.shape == (stop - start, 6) and samples.dtype == np.float32
  return samples, labels


@pytest.mark.parametrize("kind", _KINDS)
def test_label_1_has_the_attribute(photos, kind):
  """The seed trained with 0 = has and tested with 1 = has."""
  samples, labels = _draw(_sampler(photos, codes=kind), 200)
  has, has_not = (photos.of_class(k).mean(axis=0) for k in (1, 0))
  for k, own, other in ((1, has, has_not), (0, has_not, has)):
    mean = samples[labels == k].mean(axis=0)
    assert np.linalg.norm(mean - own) < np.linalg.norm(mean - other)


@pytest.mark.parametrize("kind", _KINDS)
def test_a_face_follows_from_seed_split_and_number_alone(photos, kind):
  sampler = _sampler(photos, codes=kind)
  whole, _ = _draw(sampler, 20)
  part, _ = _draw(_sampler(photos, codes=kind), 20, 12)
  np.testing.assert_array_equal(whole[12:], part)
  assert not np.allclose(whole, _draw(sampler, 20, split=_EVAL)[0])
  other = _draw(_sampler(photos, codes=kind, seed=1), 20)[0]
  assert not np.allclose(whole, other)


def test_class_means_are_means_of_one_class(photos):
  sampler = _sampler(photos, codes="class_means", images_per_mean=(1, 1))
  samples, labels = _draw(sampler, 40)
  for sample, label in zip(samples, labels, strict=True):
    distances = np.linalg.norm(photos.of_class(label) - sample, axis=1)
    assert distances.min() < 1e-6


def test_a_mean_of_all_photos_is_the_class_mean(photos):
  samples, labels = _draw(_sampler(photos, codes="class_means", images_per_mean=(30, 30)), 2)
  for sample, label in zip(samples, labels, strict=True):
    np.testing.assert_allclose(sample, photos.of_class(label).mean(axis=0), atol=1e-5)


def test_a_class_smaller_than_a_mean_is_enough(photos):
  few = latents.Latents(
    codes=photos.codes[:4],
    labels=photos.labels[:4],
    folds=photos.folds[:4],
    image_ids=photos.image_ids[:4],
  )
  samples, _ = _draw(_sampler(few, codes="class_means", images_per_mean=(5, 24)), 8)
  assert np.isfinite(samples).all()


@pytest.mark.parametrize("kind", ["encoded", "prior"])
@pytest.mark.parametrize("strength", [0.5, 2.0])
def test_moved_codes_lie_at_their_side_of_the_boundary(photos, kind, strength):
  direction = found_directions.by_fold(photos)[folds.NO_FOLD]
  samples, labels = _draw(_sampler(photos, codes=kind, strength=strength), 30)
  np.testing.assert_allclose(
    (samples @ direction.unit - direction.offset) / direction.scale,
    strength * (2 * labels - 1),
    atol=1e-5,
  )


def test_encoded_codes_use_unlabeled_photos_too(photos):
  direction = found_directions.by_fold(photos)[folds.NO_FOLD]
  across = np.eye(6) - np.outer(direction.unit, direction.unit)
  samples, _ = _draw(_sampler(photos, codes="encoded"), 300)
  distances = np.linalg.norm((samples @ across)[:, None] - photos.codes @ across, axis=2)
  assert distances.min(axis=1).max() < 1e-5
  assert set(distances.argmin(axis=1)) & set(range(60, 80))


def test_gaussian_has_the_moments_of_the_codes():
  rng = np.random.default_rng(1)
  values = rng.standard_normal([5000, 3]) * [1.0, 2.0, 0.5] + [0.0, 1.0, 2.0]
  unknown = np.full(5000, -1)
  mean, root = latents.Latents(values, unknown, unknown, unknown.astype("S")).gaussian()
  np.testing.assert_allclose(mean, values.mean(axis=0))
  np.testing.assert_allclose(root @ root.T, np.cov(values.T), rtol=0.1, atol=0.05)


def test_without_an_encoder_only_the_prior_can_be_drawn_from(photos):
  direction = found_directions.by_fold(photos)[folds.NO_FOLD]
  nothing = latents.Latents(
    photos.codes[:0], photos.labels[:0], photos.folds[:0], photos.image_ids[:0]
  )
  mean, root = nothing.gaussian()
  np.testing.assert_array_equal(mean, np.zeros(6))
  np.testing.assert_array_equal(root, np.eye(6))
  sampler = codes.Sampler(settings_lib.SyntheticSettings(codes="prior"), nothing, [direction])
  assert _draw(sampler, 4)[0].shape == (4, 6)
  with pytest.raises(errors.UserError, match="needs a generator with an enc"):
    codes.Sampler(settings_lib.SyntheticSettings(codes="encoded"), nothing, [direction])


@pytest.mark.parametrize(
  "wrong",
  [
    {"train_faces": 3},
    {"images_per_mean": (6, 5)},
    {"images_per_mean": (0, 5)},
    {"combinations": True, "codes": "class_means"},
  ],
)
def test_wrong_settings_are_refused(wrong):
  with pytest.raises(pydantic.ValidationError):
    settings_lib.SyntheticSettings(**wrong)
