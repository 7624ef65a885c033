"""What is printed, and the exit status."""

import csv
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from pipeline.programs import prediction as prediction_lib
from pipeline.programs.prediction import output, prediction
from tests import canvases


@pytest.fixture
def photos(tmp_path, sample_photos):
  """An aligned photo, two faces, nobody, and what is no photo."""
  folder = tmp_path / "photos"
  folder.mkdir()
  face = sample_photos / "000007.jpg"
  (folder / "aligned, one.jpg").write_bytes(face.read_bytes())
  canvases.canvas(
    (800, 480),
    canvases.Pasted(face, (180, 200)),
    canvases.Pasted(sample_photos / "000009.jpg", (560, 240), 1.6),
  ).save(folder / "both.png")
  canvases.canvas((300, 200)).save(folder / "nobody.webp")
  (folder / "text.jpg").write_text("hello")
  (folder / "notes.txt").write_text("no photo, and not said to be one")
  return folder


@pytest.fixture
def summaries():
  """Lines at the end of what `predict` said, of each call."""
  return []


@pytest.fixture
def predict(invoke, model, summaries):
  """predict(arguments): exit status, standard output and error's lines."""

  def call(*arguments):
    status, out, err = invoke("predict", "--model", model, *arguments)
    lines = [line for line in err.splitlines() if "WARNING" not in line]
    end = next((i for i, line in enumerate(lines) if re.match(r"\d+ faces? in \d", line)), None)
    summaries.append(lines[end:] if end is not None else [])
    return status, out, lines[:end]

  return call


def test_table(predict, photos, summaries):
  status, text, said = predict(photos)
  head, *rows = text.splitlines()
  assert head.split() == ["Male", "probability", "Smiling", "probability", "photo"]
  assert [row.split()[4] for row in rows] == [
    f"{photos}/aligned,",
    f"{photos}/both.png",
    f"{photos}/both.png",
  ]
  assert "(face 1 of 2: " in rows[1] and "(face 2 of 2: " in rows[2]
  assert said == [
    f"{photos}/nobody.webp: no face was found",
    f"{photos}/text.jpg: not an image in a known format",
  ]
  assert status == 2
  (summary,) = summaries
  assert summary[0] == "3 faces in 2 photos"
  assert re.fullmatch("Male: [0-3] yes, [0-3] no", summary[1])
  assert summary[3] == (
    "2 photos without a label: 1 no face was found, 1 not an image in a known format"
  )


def test_json(predict, photos):
  status, text, said = predict(photos, "--json")
  rows = json.loads(text)
  assert status == 2 and len(said) == 2
  assert [(row["photo"].rpartition("/")[2], row.get("face"), row["reason"]) for row in rows] == [
    ("aligned, one.jpg", 1, None),
    ("both.png", 1, None),
    ("both.png", 2, None),
    ("nobody.webp", None, "no face was found"),
    ("text.jpg", None, "not an image in a known format"),
  ]
  assert len({tuple(row) for row in rows}) == 1  # The same keys everywhere.
  larger, smaller = rows[1]["box"], rows[2]["box"]
  assert 400 < larger["left"] < larger["right"] < 800
  assert 0 < smaller["top"] < smaller["bottom"] < 480
  for row in rows[:3]:
    assert set(row["probabilities"]) == {"Male", "Smiling"}
    assert row["labels"] == {
      name: int(value >= 0.5) for name, value in row["probabilities"].items()
    }
    assert 0.5 <= row["score"] <= 1


def test_csv(predict, photos):
  status, text, _ = predict(photos, "--csv", "--faces", "largest")
  rows = list(csv.DictReader(io.StringIO(text)))
  assert status == 2
  assert [row["photo"].rpartition("/")[2] for row in rows] == [
    "aligned, one.jpg",
    "both.png",
    "nobody.webp",
    "text.jpg",
  ]
  assert [row["reason"] for row in rows] == [
    "",
    "",
    "no face was found",
    "not an image in a known format",
  ]
  assert all(None not in row and None not in row.values() for row in rows)
  _, text, _ = predict(photos / "both.png", "--json", "--faces", "largest")
  (same,) = json.loads(text)
  assert (same["faces"], same["faces_found"]) == (1, 2)
  assert float(rows[1]["left"]) == same["box"]["left"]
  assert int(rows[1]["label_Male"]) == same["labels"]["Male"]
  assert float(rows[1]["probability_Smiling"]) == pytest.approx(
    same["probabilities"]["Smiling"], abs=1e-5
  )
  assert rows[2]["label_Male"] == rows[2]["left"] == ""


def test_as_is_needs_no_finder(predict, photos, monkeypatch, tmp_path):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "cache"))
  status, text, said = predict(photos / "nobody.webp", "--as-is", "--csv")
  (row,) = csv.DictReader(io.StringIO(text))
  assert status == 0 and not said
  assert row["left"] == row["score"] == ""
  assert row["label_Male"] in ("0", "1")
  assert not (tmp_path / "cache").exists()


def test_no_photo_at_all_is_still_a_document():
  failed = [prediction.Prediction(photo="a", reason="empty file")]
  assert list(output.as_table(failed)) == []
  (row,) = json.loads("\n".join(output.as_json(failed)))
  assert {name: value for name, value in row.items() if value is not None} == {
    "photo": "a",
    "reason": "empty file",
  }
  assert json.loads("\n".join(output.as_json([]))) == []
  assert list(output.as_csv([], ["Male"])) == [
    "photo,face,faces,faces_found,left,top,right,bottom,score,label_Male,probability_Male,"
    "uncertain_Male,reason"
  ]


def test_names_on_standard_input_into_a_file(predict, photos, monkeypatch, tmp_path):
  monkeypatch.setattr("sys.stdin", io.StringIO(f"{photos}/aligned, one.jpg\n\n{photos}/both.png\n"))
  path = tmp_path / "predictions.csv"
  status, text, _ = predict("-", "--out", path, "--uncertain", 0, 1)
  rows = list(csv.DictReader(path.read_text().splitlines()))
  assert (status, text, len(rows)) == (0, "", 3)
  assert {row["uncertain_Male"] for row in rows} == {"1"}
  assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["predictions.csv"]
  predict(photos / "both.png", "--out", path)  # Predictions may be made anew.
  assert len(path.read_text().splitlines()) == 3


@pytest.mark.parametrize("beside", [False, True])
def test_labels_are_not_replaced(predict, photos, tmp_path, beside):
  path = tmp_path / "labels.csv"
  if beside:
    path.with_name("labels.csv.answers").touch()
  else:
    path.write_text("image_id,Male\na.jpg,1\n")
  before = path.exists() and path.read_text()
  status, _, said = predict(photos, "--out", path)
  assert status == 2 and "holds labels" in said[-1]
  assert (path.exists() and path.read_text()) == before


def test_uncertain_labels_are_neither_yes_nor_no(predict, photos, summaries):
  _, text, _ = predict(photos / "both.png", "--uncertain", 0, 1)
  assert [row.split()[0] for row in text.splitlines()[1:]] == ["?", "?"]
  assert summaries[-1][1] == "Male: 0 yes, 0 no, 2 uncertain"
  status, _, said = predict(photos, "--uncertain", 0.7, 0.3)
  assert status == 2 and "the first is below the second" in said[-1]


def test_pictures_have_a_box_around_each_face(predict, photos, tmp_path):
  predict(photos, "--pictures", tmp_path / "pictures")
  names = [path.name for path in sorted((tmp_path / "pictures").iterdir())]
  assert names == ["000001-aligned, one.jpg", "000002-both.jpg"]
  drawn = np.asarray(Image.open(tmp_path / "pictures" / names[1])).astype(int)
  yellow = drawn[..., 0] - drawn[..., 2] > 90  # JPEG blurs colours.
  _, text, _ = predict(photos / "both.png", "--json")
  for row in json.loads(text):
    box = {side: round(value) for side, value in row["box"].items()}
    side = yellow[box["top"] + 40 : box["bottom"] - 5, box["right"] - 3 : box["right"] + 3]
    assert side.any(axis=1).mean() > 0.9


def test_python_function(model, photos):
  rows = list(prediction_lib.predict([photos / "both.png"], model, "largest"))
  assert [(row.number, row.found, row.reason) for row in rows] == [(1, 2, None)]
