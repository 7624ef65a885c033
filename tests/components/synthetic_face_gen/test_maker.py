"""What a face's number makes of it."""

import numpy as np
import pytest

from components.shared.core import errors
from components.shared.data import folds
from components.shared.generators import pictures
from components.shared.learning import directions, latents
from components.synthetic_face_gen import decoding, executor
from components.synthetic_face_gen import settings as settings_lib
from tests.components.synthetic_face_gen import found_directions

_TRAIN, _EVAL = "synthetic_train", "synthetic_eval"
_ATTRIBUTES = ("Male", "Young")


def photos():
  """Attributes along codes 0 and 1, in 5 folds."""
  rng = np.random.default_rng(0)
  values = rng.normal(size=(80, 4)).astype(np.float32)
  result = {}
  for column, attribute in enumerate(_ATTRIBUTES):
    labels = (np.arange(80) >> column & 1).astype(np.int8)
    values[:, column] += 4.0 * labels
    result[attribute] = latents.Latents(
      codes=values, labels=labels, folds=np.arange(80) // 4 % 5, image_ids=np.arange(80).astype("S")
    )
  return result


def maker(attributes=_ATTRIBUTES, **settings) -> decoding.Maker:
  of = {name: one for name, one in photos().items() if name in attributes}
  return decoding.Maker(
    found_directions.Identity(4),
    settings_lib.SyntheticSettings(**{"train_faces": 40, "eval_faces": 8, **settings}),
    of,
    {name: found_directions.by_fold(one, name) for name, one in of.items()},
  )


def test_half_of_a_split_is_each_class_and_folds_take_turns():
  one = maker(["Male"])
  assert one.total(_TRAIN) == 40 and one.total(_EVAL) == 8
  faces = one.make(_TRAIN, 0, 40)
  assert faces.labels.shape == (40, 1) and faces.labels.sum() == 20
  assert np.bincount(faces.folds).tolist() == [8] * 5
  assert set(faces.labels[faces.folds == 3, 0]) == {0, 1}


def test_each_attribute_has_faces_of_its_own():
  two = maker()
  assert two.total(_TRAIN) == 80 and two.total(_EVAL) == 16
  faces = two.make(_TRAIN, 0, 80)
  for column, attribute in enumerate(_ATTRIBUTES):
    numbers = np.array(two.numbers(_TRAIN, attribute))
    labels = faces.labels[numbers]
    assert labels[:, column].sum() == 20
    assert set(labels[:, 1 - column]) == {latents.UNKNOWN}


def test_without_combinations_only_one_attribute_is_set():
  """The other varies as it does in the photos."""
  faces = maker(strength=1.0, train_faces=400).make(_TRAIN, 0, 400)
  has = faces.labels[:, 0] == 1
  codes = faces.images
  assert codes[has, 0].mean() - codes[~has, 0].mean() > 3
  assert codes[has, 0].std() < 0.6 < 1.5 < codes[has, 1].std()


def test_combinations_are_made_equally_often():
  all_at_once = maker(combinations=True)
  assert all_at_once.total(_TRAIN) == 40
  faces = all_at_once.make(_TRAIN, 0, 40)
  made, counts = np.unique(faces.labels, axis=0, return_counts=True)
  assert made.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
  assert counts.tolist() == [10] * 4
  for attribute in _ATTRIBUTES:
    assert all_at_once.numbers(_TRAIN, attribute) == range(40)


def test_combined_faces_lie_on_their_side_of_every_boundary():
  all_at_once = maker(combinations=True, strength=1.0)
  faces = all_at_once.make(_TRAIN, 0, 40)
  for column, attribute in enumerate(_ATTRIBUTES):
    found = found_directions.by_fold(photos()[attribute], attribute)
    for row in range(40):
      direction = found[int(faces.folds[row])]
      position = (faces.images[row] @ direction.unit - direction.offset) / direction.scale
      assert position == pytest.approx(2 * faces.labels[row, column] - 1, abs=1e-4)


@pytest.mark.parametrize("combinations", [False, True])
def test_a_part_is_as_in_the_whole(combinations):
  whole = maker(combinations=combinations).make(_TRAIN, 0, 40)
  part = maker(combinations=combinations).make(_TRAIN, 27, 40)
  for one, other in zip(whole, part, strict=True):
    np.testing.assert_array_equal(one[27:], other)


def test_directions_along_one_line_have_no_combinations():
  of = photos()["Male"]
  turned = latents.Latents(of.codes, 1 - of.labels, of.folds, of.image_ids)
  found = [
    found_directions.by_fold(of, "Male")[folds.NO_FOLD],
    found_directions.by_fold(turned, "Female")[folds.NO_FOLD],
  ]
  assert directions.alike(found)
  with pytest.raises(
    errors.UserError,
    match="Male and Female lie along one line .* leave one out, or set synthetic.combinations",
  ):
    executor._check_combinations(found)


def test_pictures_of_any_attribute_have_a_file_name(tmp_path):
  path = pictures.path(str(tmp_path), "../Wearing a/hat", "contact sheet")
  assert path.rpartition("/")[0] == str(tmp_path)
  assert pictures.title(path) == "../Wearing a/hat contact sheet"
