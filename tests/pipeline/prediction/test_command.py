"""What is printed, and the exit status."""

import csv
import io
import json

import pytest

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
def predict(invoke, model):
  """predict(arguments): exit status, standard output and error's lines."""

  def call(*arguments):
    status, out, err = invoke("predict", "--model", model, *arguments)
    return status, out, [line for line in err.splitlines() if "WARNING" not in line]

  return call


def test_table(predict, photos):
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
  assert json.loads("\n".join(output.as_json(failed))) == [{"photo": "a", "reason": "empty file"}]
  assert json.loads("\n".join(output.as_json([]))) == []
  assert list(output.as_csv([], ["Male"])) == [
    "photo,face,faces,left,top,right,bottom,score,label_Male,probability_Male,reason"
  ]
