"""A face owes nothing to the labelled photos of its fold."""

import numpy as np
import pytest

from components.shared.data import examples, folds
from components.shared.learning import latents
from components.synthetic_face_gen import decoding
from components.synthetic_face_gen import settings as own_settings
from tests.components.synthetic_face_gen import found_directions


def photos(seed=0):
  """60 labelled photos in 5 folds, and 40 without a label."""
  rng = np.random.default_rng(seed)
  labels = np.concatenate([np.arange(60) % 2, np.full(40, latents.UNKNOWN)])
  codes = rng.normal(size=(100, 4)).astype(np.float32)
  codes[:60, 0] += 3 * labels[:60]
  return latents.Latents(
    codes=codes,
    labels=labels.astype(np.int8),
    folds=np.concatenate([np.arange(60) // 2 % 5, np.full(40, folds.NO_FOLD)]),
    image_ids=np.arange(100).astype("S"),
  )


def drawn(photos_, kind):
  faces = decoding.Maker(
    found_directions.Identity(4),
    own_settings.SyntheticSettings(codes=kind),
    {"Male": photos_},
    {"Male": found_directions.by_fold(photos_)},
  ).make(examples.SYNTHETIC_TRAIN, 0, 200)
  return {fold: faces.images[faces.folds == fold] for fold in sorted(set(faces.folds.tolist()))}


@pytest.mark.parametrize("kind", ["class_means", "encoded", "prior"])
def test_faces_do_not_change_with_the_photos_of_their_fold(kind):
  before = drawn(photos(), kind)
  changed = photos()
  mine = changed.folds == 2
  changed.codes[mine] += 1.0
  changed.labels[mine] = 1 - changed.labels[mine]
  after = drawn(changed, kind)
  assert list(before) == [0, 1, 2, 3, 4]
  np.testing.assert_array_equal(before[2], after[2])
  for fold in (0, 1, 3, 4):
    assert not np.allclose(before[fold], after[fold])


def test_without_folds_all_photos_are_used():
  few = photos()
  few.folds[:] = folds.NO_FOLD
  assert list(drawn(few, "encoded")) == [folds.NO_FOLD]
