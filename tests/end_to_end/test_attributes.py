"""Several attributes at once: one generator, an output each.

The face network is tiny, and the attributes are whether a photo is bright, and
whether it is lit from the left.
"""

import csv

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from components.shared.data import examples
from tests.end_to_end import running

pytestmark = pytest.mark.slow

_NAMES = ("Bright", "From_Left")
_PHOTOS = 160
_LABELED = 130
_WITH_BOTH = 117


@pytest.fixture(scope="module")
def source(tmp_path_factory, sample_photos):
  """Arguments that name photos and their labels; some lack one of the two."""
  folder = tmp_path_factory.mktemp("source")
  (folder / "photos").mkdir()
  figures = {}
  for photo in sorted(sample_photos.iterdir())[:_PHOTOS]:
    (folder / "photos" / photo.name).write_bytes(photo.read_bytes())
    with Image.open(photo) as image:
      grey = np.asarray(image.convert("L"), float)
    half = grey.shape[1] // 2
    figures[photo.name] = (grey.mean(), grey[:, :half].mean() - grey[:, half:].mean())
  usual = np.median(list(figures.values()), axis=0)
  with open(folder / "labels.csv", "w", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(("image_id", *_NAMES))
    for number, name in enumerate(list(figures)[:_LABELED]):
      labels = [int(value > middle) for value, middle in zip(figures[name], usual, strict=True)]
      writer.writerow((name, labels[0], "" if number % 10 == 7 else labels[1]))
  return (
    *("photos", "--source", str(folder / "photos"), "--labels", str(folder / "labels.csv")),
    *(part for name in _NAMES for part in ("--attribute", name)),
    *("--generator", "dcgan-digiface"),
  )


@pytest.fixture(scope="module")
def run_two(output, source):
  """run_two(*settings): the same run, with settings of its own."""

  def call(*settings):
    run = running.run_pipeline(
      output,
      "two",
      *source,
      settings=(*running.SMALLEST, "evaluation.min_balanced_accuracy=0.5", *settings),
    )
    assert run.status == 0, run.errors
    return run

  return call


@pytest.fixture(scope="module")
def two(run_two):
  """A run that learns both."""
  return run_two()


def _labels(run, split="synthetic_train"):
  """Pairs of labels of synthetic faces, None where there is none."""
  uri = str(run.artifact("SyntheticFaceGen", "examples"))
  faces = [examples.decode(record.numpy()) for record in examples.dataset(uri, split)]
  return [tuple(face.get(f"label_{name}") for name in _NAMES) for face in faces]


def test_each_attribute_has_its_ladder(two):
  """Photos that lack one of the labels are not labelled."""
  attributes = two.evaluation["attributes"]
  log = (two.folder / "run.log").read_text()
  assert tuple(attributes) == _NAMES
  for name, figures in attributes.items():
    judged, taught = figures["hand_labeled"]["n"], figures["ladder"]["labeled_only"]["n"]
    assert judged > 10 and judged + taught == _WITH_BOTH
    assert f"The {name} annotation on {judged}" in two.printed
    assert f"{name}: {figures['ladder']['labeled_only']['auc']:.3f} [" in log
    (other,) = set(_NAMES) - {name}
    assert other in figures["generator"]["attribute_drift"]
    assert figures["ladder"]["labeled_only"]["auc"] > 0.8
  for key in ("ladder", "hand_labeled", "direction", "generator"):
    assert two.evaluation[key] == attributes["Bright"][key]


def test_faces_are_made_for_one_attribute_or_the_other(two):
  made = _labels(two)
  assert {pair: made.count(pair) for pair in set(made)} == {
    (0, None): 32,
    (1, None): 32,
    (None, 0): 32,
    (None, 1): 32,
  }


def test_the_pushed_model_has_an_output_for_each(two, sample_photos):
  newest = max((two.folder / "model").iterdir(), key=lambda p: int(p.name))
  photos = [path.read_bytes() for path in sorted(sample_photos.iterdir())[:4]]
  outputs = tf.saved_model.load(str(newest)).signatures["serving_default"](
    image=tf.constant(photos)
  )
  assert set(outputs) == {
    "embedding",
    *(f"{kind}_{name}" for kind in ("label", "probability") for name in _NAMES),
  }
  for name in _NAMES:
    assert outputs[f"label_{name}"].shape == (4, 1)


def test_report_and_predict_show_both(two, sample_photos, invoke):
  page = (two.folder / "report" / "index.html").read_text()
  for name in _NAMES:
    assert f"The ladder: {name}" in page
    assert f"{name} contact sheet" in page
  done = invoke(
    "predict", "--name", "two", "--output", two.folder.parent, sample_photos / "000007.jpg"
  )
  head, row = done.printed.splitlines()
  assert head.split() == ["Bright", "probability", "From_Left", "probability", "photo"]
  assert len(row.split()) == 5


def test_combinations_on_request_and_all_have_to_pass(two, run_two):
  """The generator and the directions are those of the run before."""
  better, worse = sorted(
    _NAMES, key=lambda name: -two.evaluation["attributes"][name]["hand_labeled"]["auc"]
  )
  between = np.mean([two.evaluation["attributes"][n]["hand_labeled"]["auc"] for n in _NAMES])
  run = run_two("synthetic.combinations=true", f"evaluation.min_auc={between}")
  assert {"PretrainedGenerator", "LatentDirections"} <= set(run.evaluation["cached"])
  made = _labels(run)
  assert {pair: made.count(pair) for pair in set(made)} == {
    (0, 0): 16,
    (0, 1): 16,
    (1, 0): 16,
    (1, 1): 16,
  }
  assert not run.evaluation["blessed"]
  reasons = run.evaluation["not_blessed_because"]
  assert any(reason.startswith(f"{worse}: AUC is") for reason in reasons)
  assert not any(reason.startswith(f"{better}: AUC is") for reason in reasons)
