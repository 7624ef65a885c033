"""Several attributes at once: one generator, an output each."""

import csv

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from components import examples
from components.face_example_gen import settings as source_settings
from components.face_example_gen import sources
from tests.end_to_end import running

_SPLITS = ("splits.hand_labeled=000001-000100",
           "splits.labeled=000101-000200")


@pytest.fixture(scope="module")
def labels(tmp_path_factory, sample_photos):
  """The sample's labels, their opposite, and whether a photo is bright."""
  rows = list(sources.open_source(source_settings.SourceSettings()).rows())
  brightness = {}
  for row in rows:
    with Image.open(sample_photos / row.image_id) as photo:
      brightness[row.image_id] = np.asarray(photo.convert("L")).mean()
  middle = np.median(list(brightness.values()))
  path = tmp_path_factory.mktemp("labels") / "labels.csv"
  with open(path, "w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["image_id", "Male", "Female", "Bright"])
    for row in rows:
      male = row.annotations["Male"]
      writer.writerow([
          row.image_id, *("" if v is None else v for v in (
              male, None if male is None else 1 - male)),
          int(brightness[row.image_id] > middle)])
  return str(path)


def _run(output, name, labels, *attributes, settings=()):
  return running.run_pipeline(
      output, name, "--source", "sample", "--labels", labels,
      *(part for attribute in attributes
        for part in ("--attribute", attribute)),
      settings=(*running.SMALL, *_SPLITS, *settings))


@pytest.fixture(scope="module")
def two(output, labels):
  """Opposites, so that what one learns is known from the other."""
  run = _run(output, "two", labels, "Male", "Female",
             settings=("synthetic.train_faces=200",))
  assert run.status == 0, run.errors
  return run


def test_each_attribute_has_its_ladder(two):
  attributes = two.evaluation["attributes"]
  assert list(attributes) == ["Male", "Female"]
  for name, figures in attributes.items():
    assert figures["hand_labeled"]["n"] == 94
    assert figures["ladder"]["labeled_only"]["auc"] > 0.95
    assert figures["ladder"]["synthetic_only"]["auc"] > 0.7
    assert f"The {name} annotation on 94" in two.printed
  for key in ("ladder", "hand_labeled", "direction", "generator"):
    assert two.evaluation[key] == attributes["Male"][key]


def test_opposites_are_told(two):
  assert "Male and Female lie along one line" in two.errors


def test_faces_are_made_for_one_attribute_or_the_other(two):
  uri = str(two.artifact("SyntheticFaceGen", "examples"))
  faces = [examples.decode(record.numpy())
           for record in examples.dataset(uri, "synthetic_train")]
  for name in ("Male", "Female"):
    made = [f[f"label_{name}"] for f in faces if f"label_{name}" in f]
    assert len(made) == 200 and sum(made) == 100
  assert not any("label_Male" in f and "label_Female" in f for f in faces)


def test_the_pushed_model_has_an_output_for_each(two, sample_photos):
  newest = max((two.folder / "model").iterdir(), key=lambda p: int(p.name))
  photos = [path.read_bytes()
            for path in sorted(sample_photos.iterdir())[:40]]
  outputs = tf.saved_model.load(str(newest)).signatures["serving_default"](
      image=tf.constant(photos))
  assert set(outputs) == {
      "embedding", "label_Male", "probability_Male", "label_Female",
      "probability_Female"}
  agree = outputs["label_Male"].numpy() != outputs["label_Female"].numpy()
  assert agree.mean() > 0.85


def test_report_and_predict_show_both(two, sample_photos):
  page = (two.folder / "report" / "index.html").read_text()
  for name in ("Male", "Female"):
    assert f"The ladder: {name}" in page
    assert f"{name} contact sheet" in page
  done = running.command(
      "predict", "--name", "two", "--output", str(two.folder.parent),
      str(sample_photos / "000007.jpg"))
  head, row = done.stdout.splitlines()
  assert head.split() == ["Female", "probability", "Male", "probability",
                          "photo"]
  assert len(row.split()) == 5


def test_all_attributes_have_to_pass_and_faces_can_be_combined(
    output, labels):
  """How bright a photo is can't be told from an embedding, nearly."""
  run = _run(output, "bright", labels, "Male", "Bright",
             settings=("synthetic.combinations=true",))
  assert run.status == 0, run.errors
  assert not run.evaluation["blessed"]
  assert all(reason.startswith("Bright: ")
             for reason in run.evaluation["not_blessed_because"])
  assert run.evaluation["attributes"]["Male"]["hand_labeled"]["auc"] > 0.95
  uri = str(run.artifact("SyntheticFaceGen", "examples"))
  made = [(f["label_Male"], f["label_Bright"]) for f in map(
      lambda record: examples.decode(record.numpy()),
      examples.dataset(uri, "synthetic_train"))]
  assert {pair: made.count(pair) for pair in set(made)} == {
      (0, 0): 75, (0, 1): 75, (1, 0): 75, (1, 1): 75}


def test_opposites_have_no_combinations(output, labels):
  run = _run(output, "opposites", labels, "Male", "Female",
             settings=("synthetic.combinations=true",
                       "generator.epochs=2"))
  assert run.status == 2
  assert "leave one out, or set synthetic.combinations=false" in run.errors
