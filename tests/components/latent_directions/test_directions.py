"""The attribute's direction: where it points and what it is worth."""

import dataclasses

import numpy as np
import pytest

from components import errors
from components.latent_directions import directions


def _codes(gap: float, count: int = 60):
  rng = np.random.default_rng(0)
  labels = np.arange(count) % 2
  codes = rng.standard_normal([count, 6]) + 3.0
  codes[:, 2] += gap * (labels - 0.5)
  return codes, labels


def _direction(line: directions.Line, fold=-1) -> directions.Direction:
  return directions.Direction(
      attribute="Male", method="class_means", fold=fold, unit=line.unit,
      offset=line.offset, scale=line.scale, positives=30, negatives=30,
      separation_auc=line.separation_auc, scorer_auc=0.9, warning=None)


def test_class_means_point_from_without_to_with():
  codes, labels = _codes(gap=8.0)
  found = directions.from_class_means(codes, labels, seed=0)
  assert found.unit[2] > 0.95
  assert np.linalg.norm(found.unit) == pytest.approx(1.0)
  assert found.scale == pytest.approx(4.0, abs=0.5)
  assert codes[labels == 1].mean(axis=0) @ found.unit > found.offset
  assert codes[labels == 0].mean(axis=0) @ found.unit < found.offset
  assert found.separation_auc > 0.99


def _scored(noise: float, count: int = 400):
  """Scores grow along one direction, which is not that of most variance."""
  rng = np.random.default_rng(0)
  codes = rng.standard_normal([count, 6]) * [9, 1, 1, 1, 1, 1] + 3.0
  slope = np.array([0.0, 3.0, 4.0, 0, 0, 0])
  scores = (codes - 3.0) @ slope + 2.0 + noise * rng.standard_normal(count)
  return codes, scores


def test_scores_give_the_direction_in_which_they_grow():
  codes, scores = _scored(noise=1.0)
  found = directions.from_scores(codes, scores, seed=0)
  np.testing.assert_allclose(found.unit, [0, 0.6, 0.8, 0, 0, 0], atol=0.05)
  assert found.separation_auc > 0.95
  # At the boundary the score is 0, and one deviation away at position 1.
  direction = _direction(found)
  for position, score in ((0.0, 0.0), (1.0, scores.std())):
    placed = direction.place(codes, np.full(len(codes), position))
    predicted = (placed - 3.0) @ [0, 3, 4, 0, 0, 0] + 2.0
    np.testing.assert_allclose(predicted, score, atol=0.6)


def test_scores_without_meaning_separate_nothing():
  codes, _ = _scored(noise=0.0)
  scores = np.random.default_rng(5).standard_normal(len(codes))
  found = directions.from_scores(codes, scores, seed=0)
  assert 0.4 < found.separation_auc < 0.6
  assert "separate nothing" in directions.doubt(
      "the direction", found.separation_auc, 200, 200)


def test_scores_that_all_say_the_same():
  codes, _ = _scored(noise=0.0)
  found = directions.from_scores(codes, np.ones(len(codes)), seed=0)
  assert found.separation_auc == 0.5
  assert np.isfinite(found.unit).all()


@pytest.mark.parametrize("find", ["from_class_means", "from_scores"])
def test_the_other_way_round(find):
  codes, labels = _codes(gap=8.0)
  values = labels if find == "from_class_means" else labels - 0.5
  turned = 1 - labels if find == "from_class_means" else 0.5 - labels
  one, other = (getattr(directions, find)(codes, given, seed=0)
                for given in (values, turned))
  np.testing.assert_allclose(one.unit, -other.unit, atol=1e-9)


def test_warns_when_it_separates_nothing():
  found = directions.from_class_means(*_codes(gap=0.0), seed=0)
  assert 0.3 < found.separation_auc < 0.7
  assert "separate nothing" in directions.doubt(
      "the direction", found.separation_auc, 30, 30)
  assert directions.doubt("the direction", 0.9, 30, 30) is None
  assert "all the same label" in directions.doubt("it", 0.5, 0, 60)


def test_place_moves_along_the_direction_only():
  codes, labels = _codes(gap=4.0)
  found = _direction(directions.from_class_means(codes, labels, seed=0))
  positions = np.where(labels, 1.0, -1.0)
  moved = found.place(codes, positions)
  np.testing.assert_allclose(
      moved @ found.unit, found.offset + positions * found.scale)
  across = np.eye(6) - np.outer(found.unit, found.unit)
  np.testing.assert_allclose(moved @ across, codes @ across, atol=1e-9)


def test_too_few_of_a_class():
  labels = np.array([1] + [0] * 9)
  with pytest.raises(errors.UserError, match="Male: 1 have it and 9 have not"):
    directions.require_both_classes(labels, "Male")


def test_file(tmp_path):
  line = directions.from_class_means(*_codes(gap=0.0), seed=0)
  written = {fold: _direction(line, fold) for fold in (-1, 0, 1)}
  path = str(tmp_path / "directions.json")
  directions.write(written, path)
  read = directions.read(path)
  assert list(read) == [-1, 0, 1]
  for fold, direction in written.items():
    for field in dataclasses.fields(direction):
      np.testing.assert_array_equal(
          getattr(read[fold], field.name), getattr(direction, field.name))
  assert directions.overall(path).fold == -1
