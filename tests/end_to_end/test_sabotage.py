"""Wrong data is not blessed."""

import csv
import shutil

import pytest

from components.face_example_gen import sources
from components.face_example_gen.settings import SourceSettings
from tests.end_to_end.running import run_pipeline


@pytest.fixture(scope="module")
def flipped_run(sample_photos, output, tmp_path_factory):
  """The sample as photos and a CSV, its few labels flipped, two photos
  spoiled."""
  folder = tmp_path_factory.mktemp("flipped")
  photos = folder / "photos"
  shutil.copytree(sample_photos, photos)
  (photos / "000300.jpg").write_bytes(b"")
  (photos / "000301.jpg").write_bytes(
      (photos / "000301.jpg").read_bytes()[:2000])
  rows = sources.open_source(SourceSettings()).rows()
  with open(folder / "labels.csv", "w", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(["image_id", "Male"])
    for row in rows:
      label = row.annotations["Male"]
      if label is not None and "000101" <= row.image_id[:6] <= "000200":
        label = 1 - label
      writer.writerow([row.image_id, "" if label is None else label])
  run = run_pipeline(output, "flipped", "sample", "--source", str(photos),
                     "--labels", str(folder / "labels.csv"))
  assert run.status == 0, run.errors
  return run


def test_flipped_labels_are_not_blessed(flipped_run):
  evaluation = flipped_run.evaluation
  assert not evaluation["blessed"]
  assert evaluation["hand_labeled"]["auc"] < 0.2
  assert any("auc" in reason for reason in evaluation["not_blessed_because"])
  assert not (flipped_run.folder / "model").exists()
  assert "Not blessed, so not pushed: " in flipped_run.printed


def test_spoiled_photos_are_set_aside(flipped_run):
  page = (flipped_run.folder / "report" / "index.html").read_text()
  for photo in ("000300.jpg", "000301.jpg"):
    assert f'<td class="text">{photo}</td>' in page
  quarantine = flipped_run.artifact("FaceExampleGen", "quarantine")
  with open(quarantine / "quarantine.csv", encoding="utf-8") as file:
    assert {row["image_id"] for row in csv.DictReader(file)} == {
        "000300.jpg", "000301.jpg"}
