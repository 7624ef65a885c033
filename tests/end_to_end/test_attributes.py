"""Several attributes at once: one generator, an output each."""

import pytest
import tensorflow as tf

from components.shared.data import examples
from tests.end_to_end import running

pytestmark = pytest.mark.slow

_NAMES = ("Male", "Smiling")


def _run(output, *settings):
  run = running.run_pipeline(
    output,
    "two",
    "sample",
    "--attribute",
    "Male",
    "--attribute",
    "Smiling",
    settings=(
      *running.SMALL,
      "evaluation.min_auc=0.6",
      "evaluation.min_balanced_accuracy=0.5",
      *settings,
    ),
  )
  assert run.status == 0, run.errors
  return run


def _labels(run, split="synthetic_train"):
  """Pairs of labels of synthetic faces, None where there is none."""
  uri = str(run.artifact("SyntheticFaceGen", "examples"))
  faces = [examples.decode(record.numpy()) for record in examples.dataset(uri, split)]
  return [tuple(face.get(f"label_{name}") for name in _NAMES) for face in faces]


@pytest.fixture(scope="module")
def two(output):
  """The sample's own two attributes."""
  return _run(output)


def test_each_attribute_has_its_ladder(two):
  """Photos that lack one of the labels are not labelled."""
  attributes = two.evaluation["attributes"]
  assert tuple(attributes) == _NAMES
  for name, figures in attributes.items():
    assert figures["hand_labeled"]["n"] == 85
    assert figures["ladder"]["labeled_only"]["n"] == 82
    assert f"The {name} annotation on 85" in two.printed
    (other,) = set(_NAMES) - {name}
    assert other in figures["generator"]["attribute_drift"]
  assert attributes["Male"]["ladder"]["labeled_only"]["auc"] > 0.95
  assert attributes["Smiling"]["ladder"]["labeled_only"]["auc"] > 0.6
  for key in ("ladder", "hand_labeled", "direction", "generator"):
    assert two.evaluation[key] == attributes["Male"][key]


def test_faces_are_made_for_one_attribute_or_the_other(two):
  made = _labels(two)
  assert {pair: made.count(pair) for pair in set(made)} == {
    (0, None): 150,
    (1, None): 150,
    (None, 0): 150,
    (None, 1): 150,
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
  assert head.split() == ["Male", "probability", "Smiling", "probability", "photo"]
  assert len(row.split()) == 5


def test_combinations_on_request_and_all_have_to_pass(two, output):
  """The generator and the directions are those of the run before."""
  run = _run(output, "synthetic.combinations=true", "evaluation.min_auc=0.97")
  assert {"VaeGanTrainer", "LatentDirections"} <= set(run.evaluation["cached"])
  made = _labels(run)
  assert {pair: made.count(pair) for pair in set(made)} == {
    (0, 0): 75,
    (0, 1): 75,
    (1, 0): 75,
    (1, 1): 75,
  }
  assert not run.evaluation["blessed"]
  reasons = run.evaluation["not_blessed_because"]
  assert any(reason.startswith("Smiling: AUC is") for reason in reasons)
  assert not any(reason.startswith("Male: AUC is") for reason in reasons)
