"""The attribute's direction: where it points and what it is worth."""

import dataclasses

import numpy as np
import pytest

from components import errors
from components.synthetic_face_gen import directions


def _codes(gap: float, count: int = 60):
  rng = np.random.default_rng(0)
  labels = np.arange(count) % 2
  codes = rng.standard_normal([count, 6]) + 3.0
  codes[:, 2] += gap * (labels - 0.5)
  return codes, labels


def test_points_from_without_to_with():
  codes, labels = _codes(gap=8.0)
  found = directions.find(codes, labels, "Male", seed=0)
  assert found.unit[2] > 0.95
  assert np.linalg.norm(found.unit) == pytest.approx(1.0)
  assert found.half_distance == pytest.approx(4.0, abs=0.5)
  assert found.positive_mean @ found.unit > found.offset
  assert found.negative_mean @ found.unit < found.offset
  assert (found.positives, found.negatives) == (30, 30)


def test_flipped_labels_turn_it_round():
  codes, labels = _codes(gap=8.0)
  one = directions.find(codes, labels, "Male", seed=0)
  other = directions.find(codes, 1 - labels, "Male", seed=0)
  np.testing.assert_allclose(one.unit, -other.unit)


def test_says_how_well_it_separates():
  found = directions.find(*_codes(gap=8.0), "Male", seed=0)
  assert found.separation_auc > 0.99
  assert found.warning is None


def test_warns_when_it_separates_nothing():
  found = directions.find(*_codes(gap=0.0), "Male", seed=0)
  assert 0.3 < found.separation_auc < 0.7
  assert "separate nothing" in found.warning


def test_place_moves_along_the_direction_only():
  codes, labels = _codes(gap=4.0)
  found = directions.find(codes, labels, "Male", seed=0)
  positions = np.where(labels, 1.0, -1.0)
  moved = found.place(codes, positions)
  np.testing.assert_allclose(
      moved @ found.unit,
      found.offset + positions * found.half_distance)
  across = np.eye(6) - np.outer(found.unit, found.unit)
  np.testing.assert_allclose(moved @ across, codes @ across, atol=1e-9)


def test_too_few_of_a_class():
  codes, labels = _codes(gap=1.0, count=10)
  labels[:] = 0
  labels[0] = 1
  with pytest.raises(errors.UserError, match="Male: 1 have it and 9 have not"):
    directions.find(codes, labels, "Male", seed=0)


def test_file(tmp_path):
  found = directions.find(*_codes(gap=0.0), "Male", seed=0)
  path = str(tmp_path / "directions.json")
  directions.write(found, path)
  read = directions.read(path)
  for field in dataclasses.fields(found):
    np.testing.assert_array_equal(
        getattr(read, field.name), getattr(found, field.name))
