"""The attribute's direction: where it points and what it is worth."""

import dataclasses

import numpy as np
import pytest

from components.shared.core import errors
from components.shared.learning import directions


def _codes(gap: float, count: int = 60):
  rng = np.random.default_rng(0)
  labels = np.arange(count) % 2
  codes = rng.standard_normal([count, 6]) + 3.0
  codes[:, 2] += gap * (labels - 0.5)
  return codes, labels


def _direction(line: directions.Line, fold=-1, attribute="Male") -> directions.Direction:
  return directions.Direction(
    attribute=attribute,
    method="class_means",
    fold=fold,
    unit=line.unit,
    offset=line.offset,
    scale=line.scale,
    positives=30,
    negatives=30,
    separation_auc=line.separation_auc,
    scorer_auc=0.9,
    warning=None,
  )


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
    placed = directions.place([direction], codes, np.full([len(codes), 1], position))
    predicted = (placed - 3.0) @ [0, 3, 4, 0, 0, 0] + 2.0
    np.testing.assert_allclose(predicted, score, atol=0.6)


def test_scores_without_meaning_separate_nothing():
  codes, _ = _scored(noise=0.0)
  scores = np.random.default_rng(5).standard_normal(len(codes))
  found = directions.from_scores(codes, scores, seed=0)
  assert 0.4 < found.separation_auc < 0.6
  assert "separate nothing" in directions.doubt("the direction", found.separation_auc, 200, 200)


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
  one, other = (getattr(directions, find)(codes, given, seed=0) for given in (values, turned))
  np.testing.assert_allclose(one.unit, -other.unit, atol=1e-9)


def test_warns_when_it_separates_nothing():
  found = directions.from_class_means(*_codes(gap=0.0), seed=0)
  assert 0.3 < found.separation_auc < 0.7
  assert "separate nothing" in directions.doubt("the direction", found.separation_auc, 30, 30)
  assert directions.doubt("the direction", 0.9, 30, 30) is None
  assert "all the same label" in directions.doubt("it", 0.5, 0, 60)


def test_place_moves_along_the_direction_only():
  codes, labels = _codes(gap=4.0)
  found = _direction(directions.from_class_means(codes, labels, seed=0))
  positions = np.where(labels, 1.0, -1.0)
  moved = directions.place([found], codes, positions[:, np.newaxis])
  np.testing.assert_allclose(moved @ found.unit, found.offset + positions * found.scale)
  across = np.eye(6) - np.outer(found.unit, found.unit)
  np.testing.assert_allclose(moved @ across, codes @ across, atol=1e-9)


def test_too_few_of_a_class():
  labels = np.array([1] + [0] * 9)
  with pytest.raises(errors.UserError, match="Male: 1 have it and 9 have not"):
    directions.require_both_classes(labels, "Male")


def _line(*unit: float) -> directions.Line:
  unit = np.array(unit) / np.linalg.norm(unit)
  return directions.Line(unit=unit, offset=0.5, scale=2.0, separation_auc=0.9)


def test_place_reaches_all_positions_at_once():
  """Directions that are not at right angles; the rest stays as it is."""
  found = [_direction(_line(1, 0, 0, 0)), _direction(_line(1, 1, 0, 0), attribute="Young")]
  codes = np.random.default_rng(0).standard_normal([40, 4])
  positions = np.random.default_rng(1).choice([-1.0, 1.0], [40, 2])
  moved = directions.place(found, codes, positions)
  for column, direction in enumerate(found):
    np.testing.assert_allclose(
      moved @ direction.unit, direction.offset + positions[:, column] * direction.scale
    )
  np.testing.assert_allclose(moved[:, 2:], codes[:, 2:])


def test_says_which_directions_are_alike():
  found = [
    _direction(_line(1, 0, 0), attribute="Male"),
    _direction(_line(0, 1, 0), attribute="Young"),
    _direction(_line(-1, 0, 0.1), attribute="Female"),
  ]
  assert "Male and Female lie along one line in the latent space (cosine -1.00" in directions.alike(
    found
  )
  assert directions.alike(found[:2]) is None
  assert directions.alike(found[:1]) is None


def test_file(tmp_path):
  line = directions.from_class_means(*_codes(gap=0.0), seed=0)
  written = {
    attribute: {fold: _direction(line, fold, attribute) for fold in (-1, 0, 1)}
    for attribute in ("Male", "Young")
  }
  path = str(tmp_path / "directions.json")
  directions.write(written, path)
  read = directions.read(path)
  assert list(read) == ["Male", "Young"] and list(read["Male"]) == [-1, 0, 1]
  for attribute, by_fold in written.items():
    for fold, direction in by_fold.items():
      for field in dataclasses.fields(direction):
        np.testing.assert_array_equal(
          getattr(read[attribute][fold], field.name), getattr(direction, field.name)
        )
    assert directions.overall(path)[attribute].fold == -1
