"""Means, intervals and verdicts of a sweep."""

import csv
import io

import pytest
from PIL import Image

from pipeline.programs.sweep import curve

STEPS = {
  "labeled_only": 0.8,
  "labeled_self_training": 0.9,
  "synthetic_only": 0.7,
  "semi_supervised": 0.92,
  "ceiling": 0.99,
}


def cells(gain=0.02, seeds=5, unlabeled=300):
  """Steps whose AUC goes up and down together from seed to seed."""
  found = []
  for labels in (20, 4):
    for seed in range(seeds):
      ladder = {
        step: {"auc": auc - 0.01 * seed, "accuracy": auc - 0.1} for step, auc in STEPS.items()
      }
      ladder["semi_supervised"]["auc"] = (
        ladder["labeled_self_training"]["auc"] + gain + 0.001 * seed
      )
      found.append({"labels": labels, "unlabeled": unlabeled, "seed": seed, "ladder": ladder})
  return found


def test_interval_after_student():
  """By hand: deviation 1, n = 3, t = 4.3027."""
  found = curve.interval([1.0, 2.0, 3.0])
  assert found["mean"] == 2.0
  assert found["high"] - found["mean"] == pytest.approx(4.3027 / 3**0.5, rel=1e-4)
  assert found["mean"] - found["low"] == pytest.approx(found["high"] - found["mean"])


def test_a_row_for_each_number_and_step_that_ran():
  rows = curve.table(cells())
  assert [row["labels"] for row in rows] == [4] * 6 + [20] * 6
  assert [row["step"] for row in rows[:6]] == [*STEPS, "gain"]
  assert all(row["seeds"] == 5 for row in rows)
  assert rows[0]["auc"]["mean"] == pytest.approx(0.78)


@pytest.mark.parametrize(
  "gain, verdict",
  [(0.02, "they help"), (-0.02, "they harm"), (-0.002, "can't be told from chance")],
)
def test_verdict_is_on_the_difference_seed_by_seed(gain, verdict):
  lines = list(curve.lines(curve.table(cells(gain)), "Male", 94))
  assert "94 hand-labelled" in lines[0]
  assert sum(verdict in line for line in lines) == 2


def test_csv_holds_the_table():
  rows = list(csv.DictReader(io.StringIO(curve.as_csv(curve.table(cells())))))
  assert len(rows) == 12
  assert float(rows[0]["auc_mean"]) == pytest.approx(0.78)


def test_plot_is_a_picture(tmp_path):
  curve.plot(curve.table(cells()), tmp_path / "sweep.png")
  with Image.open(tmp_path / "sweep.png") as image:
    assert image.width > 800
  assert [path.name for path in tmp_path.iterdir()] == ["sweep.png"]


def test_numbers_of_unlabelled_photos_have_rows_and_charts_of_their_own(tmp_path):
  rows = curve.table(cells() + cells(unlabeled=30))
  assert [(row["labels"], row["unlabeled"]) for row in rows[::6]] == [
    (4, 30),
    (4, 300),
    (20, 30),
    (20, 300),
  ]
  heights = []
  for name, table in (("two", rows), ("one", curve.table(cells()))):
    curve.plot(table, tmp_path / name)
    with Image.open(tmp_path / name) as image:
      heights.append(image.height)
  assert heights[0] == pytest.approx(2 * heights[1], rel=0.02)
