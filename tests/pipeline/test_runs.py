"""Runs of a folder, held against each other."""

import json
import pathlib

import numpy as np
import pytest

from components.shared.core import errors
from components.shared.data import splits
from pipeline import commands, expectations, run_folder
from pipeline.programs import runs

_IDS = [f"{n:03d}.jpg" for n in range(100)]
_LABELS = np.arange(100) % 2


def _write(output, name, started, epochs, noise, image_ids=_IDS, attribute="Male"):
  folder = output / name
  folder.mkdir()
  probabilities = np.clip(
    0.25 + 0.5 * _LABELS + np.random.default_rng(1).normal(0, noise, 100), 0, 1
  )
  rows = [
    f"{attribute},{image_id},{label},{value:.6f},{value:.6f}"
    for image_id, label, value in zip(image_ids, _LABELS, probabilities, strict=True)
  ]
  (folder / "scores.csv").write_text(
    "\n".join(["attribute,image_id,label,labeled_only,semi_supervised", *rows]) + "\n"
  )
  figure = {"auc": 0.9, "auc_ci95": [0.8, 0.95], "accuracy": 0.8, "accuracy_ci95": [0.7, 0.9]}
  figures = {
    "step": "semi_supervised",
    "hand_labeled": {**figure, "n": 100},
    "ladder": {"labeled_only": figure},
  }
  (folder / "evaluation.json").write_text(
    json.dumps(
      {
        "started": started,
        "blessed": True,
        "attributes": {attribute: figures},
        "seconds": {"Trainer": 20.0, "Evaluator": 1.0},
        "cached": ["Evaluator"],
      }
    )
  )
  (folder / "config.yaml").write_text(f"generator: {{epochs: {epochs}}}\n")


@pytest.fixture(name="output")
def output_(tmp_path):
  _write(tmp_path, "second", "2026-01-02 00:00", 200, 0.05)
  _write(tmp_path, "first", "2026-01-01 00:00", 100, 0.4)
  _write(tmp_path, "<b>", "2026-01-03 00:00", 100, 0.4, [f"other-{n}" for n in _IDS])
  _write(tmp_path, "smiles", "2026-01-04 00:00", 100, 0.4, attribute="Smiling")
  return tmp_path


def test_differences_are_on_shared_photos(output):
  found = runs.read(output)
  assert [row.name for row in found["Male"]] == ["first", "second", "<b>"]
  first, second, third = found["Male"]
  assert first.difference is None and runs.compared(first) == ""
  assert second.changes == ["generator.epochs: 100 -> 200"]
  assert second.shared == 100 and second.difference[1][0] > 0
  assert ", better (100 photos)" in runs.compared(second)
  assert third.shared == 0 and "too few" in runs.compared(third)
  assert [row.name for row in found["Smiling"]] == ["smiles"]


def test_against_a_run_of_ones_choice(output):
  first, second, _ = runs.read(output, "second")["Male"]
  assert second.difference is None and first.difference[1][1] < 0
  with pytest.raises(errors.UserError, match="no such run"):
    runs.read(output, "third")


def test_on_the_command_line_and_on_a_page(output, invoke):
  done = invoke("runs", "--output", output)
  assert done.status == 0, done.errors
  assert "generator.epochs: 100 -> 200" in done.printed and "better (100 photos)" in done.printed
  page = (output / "index.html").read_text()
  assert "<b>" not in page and 'href="second/report/index.html"' in page


def test_a_damaged_run_ends_no_other(output, capsys):
  (output / "second" / "scores.csv").write_text("attribute\nMale\n")
  runs.write_page(output)
  assert "index.html: could not be made (KeyError" in capsys.readouterr().err
  (output / "second" / "scores.csv").unlink()
  assert "too few" in runs.compared(runs.read(output)["Male"][1])


def test_how_long_other_runs_took(output):
  folder = run_folder.RunFolder(output / "new")
  places = type("Places", (), {})  # Is not asked: there is no ML Metadata yet.
  places.metadata = type("Metadata", (), {"HasField": staticmethod(lambda name: True)})
  assert expectations.seconds(folder, places) == {"Trainer": 20.0}


def test_commands_can_be_pasted(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  folder = run_folder.RunFolder(tmp_path / "my runs" / "it's")
  shown = commands.on_run(folder, "predict", "PHOTO")
  assert shown.endswith(
    f" -m pipeline predict PHOTO --name 'it'\"'\"'s' --output '{tmp_path}/my runs'"
  )
  usual = run_folder.RunFolder(pathlib.Path("output", "sample"))
  assert commands.on_run(usual, "try").endswith(" -m pipeline try")


def test_what_labels_are_good_for():
  def photo(split, label):
    return splits.Assigned("1.jpg", split, (label,), (None,))

  assigned = [
    *(photo("hand_labeled", n % 2) for n in range(20)),
    *(photo("labeled", n % 2) for n in range(80)),
    *(photo("unlabeled", None) for _ in range(7)),
  ]
  assert expectations.of_labels(["Male"], assigned) == [
    "Male: 100 labels: 80 teach, 20 evaluate; the accuracy's 95% interval will reach about 0.16 "
    "either way"
  ]
