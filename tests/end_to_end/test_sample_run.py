"""What a run of the sample leaves behind."""

import csv
import json
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_transform as tft

from components.report import page as page_lib
from components.shared.artifacts import ladder_files
from components.shared.data import examples
from components.shared.learning import data, learning
from components.shared.networks import networks
from pipeline import run_folder
from tests.end_to_end.running import ROOT

STEPS = [
  "majority",
  "labeled_only",
  "labeled_self_training",
  "synthetic_only",
  "synthetic_student",
  "semi_supervised",
  "ceiling",
]


def read(run, component, output, split):
  uri = str(run.artifact(component, output))
  return [examples.decode(record.numpy()) for record in examples.dataset(uri, split)]


def test_evaluation_has_all_that_was_promised(first_run):
  evaluation = first_run.evaluation
  assert evaluation["attribute"] == "Male"
  assert evaluation["embedder"] == "facenet"
  assert list(evaluation["ladder"]) == STEPS
  for row in evaluation["ladder"].values():
    low, high = row["accuracy_ci95"]
    assert 0 <= low <= row["accuracy"] <= high <= 1
    assert 0 <= row["auc"] <= 1
  labels_used = {step: row["n"] for step, row in evaluation["ladder"].items()}
  assert labels_used == {
    "majority": 0,
    "labeled_only": 99,
    "labeled_self_training": 99,
    "synthetic_only": 99,
    "synthetic_student": 99,
    "semi_supervised": 99,
    "ceiling": 403,
  }
  assert set(evaluation["generator"]) == {
    "kid",
    "precision",
    "recall",
    "density",
    "coverage",
    "nearest_neighbour_ratio",
    "real_or_synthetic_auc",
    "label_fidelity",
    "label_fidelity_unfiltered",
    "kept",
    "attribute_drift",
  }
  assert evaluation["generator"]["kept"] > 0.3
  assert evaluation["direction"]["method"] == "scored_samples"
  assert evaluation["direction"]["scorer_auc"] > 0.9
  assert set(evaluation["references"]) == {"output_only"}
  assert evaluation["hand_labeled"]["n"] == 94
  assert evaluation["seconds"]["VaeGanTrainer"] > 0
  assert evaluation["peak_rss_bytes"] > 2**28


def test_real_labels_are_learned(first_run):
  """The part of the ladder that needs no generator is known."""
  ladder = first_run.evaluation["ladder"]
  assert ladder["majority"]["accuracy"] == pytest.approx(0.56, abs=0.01)
  assert ladder["majority"]["auc"] == 0.5
  assert ladder["labeled_only"]["auc"] > 0.95
  assert ladder["ceiling"]["auc"] > 0.975


def test_evaluator_and_ladder_agree_on_the_pushed_model(first_run):
  evaluation = first_run.evaluation
  pushed = evaluation["ladder"][evaluation["step"]]
  assert evaluation["hand_labeled"]["accuracy"] == pytest.approx(pushed["accuracy"])
  assert evaluation["hand_labeled"]["auc"] == pytest.approx(pushed["auc"], abs=0.005)


def test_terminal_shows_ladder_blessing_and_page(first_run):
  for step in STEPS:
    assert f"  {step}" in first_run.printed
  assert "Blessed, and pushed to" in first_run.printed
  assert str(first_run.folder / "report" / "index.html") in first_run.printed
  for answer in ("does_it_beat_labels", "did_synthesis_help"):
    assert first_run.evaluation[answer] in first_run.printed
  assert " -m pipeline predict PHOTO --name small --output " in first_run.printed


def test_the_model_is_on_the_disk_once(first_run):
  """The face network's weights, as every model has them, and as ONNX."""
  inodes = {}
  for path in first_run.folder.rglob("*"):
    if path.is_file():
      inodes[path.stat().st_ino] = path.stat().st_size
  assert sum(inodes.values()) < 250 << 20


def test_page_is_complete_and_asks_nobody(first_run):
  folder = first_run.folder / "report"
  page = (folder / "index.html").read_text()
  for section in page_lib.sections(with_run=True):
    assert f'<section id="{section}"' in page
  fetched = re.findall(r'(?:src|href)\s*=\s*"([^"]*)"', page)
  # The model card names licences and papers; nothing is loaded from there.
  # What lies beside it is linked to.
  own = [url for url in fetched if not url.startswith(("data:", "#", "https:"))]
  assert not [url for url in own if ":" in url or not (folder / url).exists()]
  assert not re.search(r'src\s*=\s*"(?!data:)', page)
  assert "url(" not in re.sub(r"url\(#", "", page)
  assert (folder / "model_card.md").read_text().startswith("---\nlicense: ")


def test_splits_are_disjoint_and_by_file_name(first_run):
  split_ids = {
    split: {
      row["image_id"].decode() for row in read(first_run, "LabeledEmbeddings", "embeddings", split)
    }
    for split in examples.REAL_SPLITS
  }
  assert {split: len(ids) for split, ids in split_ids.items()} == {
    "hand_labeled": 94,
    "labeled": 99,
    "unlabeled": 307,
  }
  assert len(set.union(*split_ids.values())) == 500
  assert max(split_ids["hand_labeled"]) == "000100.jpg"
  photos = {
    split: {
      face["image_id"].decode() for face in read(first_run, "FaceExampleGen", "examples", split)
    }
    for split in examples.PHOTO_SPLITS
  }
  assert photos == {
    "reserved": split_ids["hand_labeled"],
    "training": split_ids["labeled"] | split_ids["unlabeled"],
  }


def test_hand_labeled_reaches_nothing_that_learns(first_run):
  """Transform hands the Trainer no hand-labelled photo, and neither did the
  generator see one: the codes that it drew from are those of other files."""
  transformed = first_run.artifact("Transform", "transformed_examples")
  assert {path.name for path in transformed.iterdir()} == {
    "Split-labeled",
    "Split-unlabeled",
    "Split-synthetic_train",
    "Split-synthetic_eval",
  }
  hand_labeled = {
    face["image_id"] for face in read(first_run, "FaceExampleGen", "examples", "reserved")
  }
  for split in ("labeled", "unlabeled"):
    seen = {
      record["image_id"] for record in read(first_run, "Transform", "transformed_examples", split)
    }
    assert seen and not seen & hand_labeled


def test_unlabeled_photos_have_no_label(first_run):
  for face in read(first_run, "ExamplesUnion", "examples", "unlabeled"):
    assert "label_Male" not in face


def test_moments_of_the_domains_match(first_run):
  def embeddings(*splits):
    return np.array(
      [
        record["embedding"]
        for split in splits
        for record in read(first_run, "Transform", "transformed_examples", split)
      ]
    )

  for rows in (embeddings("labeled", "unlabeled"), embeddings("synthetic_train")):
    np.testing.assert_allclose(rows.mean(axis=0), 0.0, atol=1e-3)
    # A variance of 1 for each of the four depths.
    assert rows.var(axis=0).sum() == pytest.approx(4, abs=0.05)


def test_synthetic_faces_are_balanced(first_run):
  labels = [
    face["label_Male"]
    for face in read(first_run, "SyntheticFaceGen", "examples", "synthetic_train")
  ]
  assert len(labels) == 300 and sum(labels) == 150


def pushed_model(run):
  newest = max((run.folder / "model").iterdir(), key=lambda p: int(p.name))
  return tf.saved_model.load(str(newest))


def test_both_signatures_of_the_pushed_model_agree(first_run, sample_photos):
  model = pushed_model(first_run)
  photos = [(sample_photos / f"{n:06d}.jpg").read_bytes() for n in (7, 9, 20)]
  by_photo = model.signatures["serving_default"](image=tf.constant(photos))
  by_embedding = model.signatures["classify_embedding"](embedding=by_photo["embedding"])
  np.testing.assert_allclose(
    by_photo["probability_Male"], by_embedding["probability_Male"], atol=1e-6
  )
  assert by_photo["embedding"].shape == (3, 512)
  threshold = first_run.evaluation["learned"]["threshold"]
  np.testing.assert_array_equal(
    by_photo["label_Male"], by_photo["probability_Male"].numpy() >= threshold
  )


def test_predict_gives_what_the_ladder_scored(first_run, sample_photos):
  with open(first_run.artifact("Ladder", "ladder") / "scores.csv", encoding="utf-8") as file:
    scored = {row["image_id"]: float(row["semi_supervised"]) for row in csv.DictReader(file)}
  names = ["000007.jpg", "000009.jpg", "000100.jpg"]
  done = subprocess.run(
    [
      sys.executable,
      "-m",
      "pipeline",
      "predict",
      "--name",
      "small",
      "--output",
      str(first_run.folder.parent),
      *(str(sample_photos / name) for name in names),
      "README.md",
    ],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
  )
  rows = [line.split() for line in done.stdout.splitlines()[1:]]
  assert [row[2].rsplit("/", 1)[-1] for row in rows] == names
  for (_, probability, _), name in zip(rows, names, strict=True):
    # What is pushed embeds in float32, what was scored may have in int8.
    assert float(probability) == pytest.approx(scored[name], abs=0.05)
  assert done.returncode == 2 and "README.md" in done.stderr


def test_config_is_stored_with_the_run(first_run):
  text = (first_run.folder / "config.yaml").read_text()
  assert "image_size: 32" in text and "attributes:\n  - Male\n" in text


def test_learned_weight_is_a_candidate(first_run):
  learned = first_run.evaluation["learned"]
  assert learned["synthetic_weight"] in (0.0, 0.3)
  (choice,) = (each for each in learned["choices"] if each["choice"] == "synthetic faces")
  assert [candidate["name"] for candidate in choice["candidates"]] == ["0", "0.3"]
  assert json.dumps(learned)


def test_the_first_answer_comes_before_the_generator_on_the_scale_of_transform(first_run):
  config = run_folder.RunFolder(first_run.folder).read_config()
  order = list(first_run.evaluation["seconds"])
  assert order.index("FirstLadder") < order.index("VaeGanTrainer")
  uri = str(first_run.artifact("ExamplesUnion", "examples"))
  graph = tft.TFTransformOutput(str(first_run.artifact("Transform", "transform_graph")))
  photos = {
    split: data.load_raw([examples.split_pattern(uri, split)], graph, ["Male"])
    for split in examples.REAL_SPLITS
  }
  training = data.training_set(
    photos["labeled"],
    data.without_rows(photos["unlabeled"]),
    photos["unlabeled"],
    0,
    list(networks.of(config.embedder).blocks.values()),
  )
  model = learning.learn("labeled_only", training, config.classifier).model
  first = str(first_run.artifact("FirstLadder", "ladder") / "scores.csv")
  np.testing.assert_allclose(
    ladder_files.read_scores(first)["Male"].by_step["labeled_only"],
    model.probabilities(photos["hand_labeled"]["embedding"]),
    atol=2e-3,
  )
