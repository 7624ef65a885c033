"""What labels alone are worth, out of embeddings of photos."""

import numpy as np
from tfx.types import standard_artifacts

from components.first_ladder import executor
from components.shared.artifacts import ladder_files
from components.shared.artifacts import types as artifacts
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.learning import steps
from components.shared.learning.settings import ClassifierSettings

ATTRIBUTES = ("Easy", "Hard")
COUNTS = {examples.LABELED: 60, examples.UNLABELED: 120, examples.HAND_LABELED: 40}


def _write(uri, shards=1, labels_of_others=True):
  """Two attributes: one plain to see in two dimensions, one hardly."""
  rng = np.random.default_rng(0)
  for split, count in COUNTS.items():
    held_out = split == examples.UNLABELED
    records = [[] for _ in range(shards)]
    for number in range(count):
      easy, hard = number % 2, number // 2 % 2
      embedding = rng.normal(size=10)
      embedding[0] += 6 * easy
      embedding[7] += 1.5 * hard
      name = examples.held_out_label if held_out else examples.label
      features = {
        "image_id": f"{split}-{number:03d}.jpg".encode(),
        "embedding": embedding.tolist(),
        "domain": examples.REAL,
      }
      if labels_of_others or not held_out:
        features[name("Easy")] = easy
        if number % 5:  # Of some photos one label is not known.
          features[name("Hard")] = hard
      records[number % shards].append(examples.encode(features))
    for shard, written in enumerate(records):
      with examples.open_shard(examples.shard_path(uri, split, shard, shards)) as writer:
        for record in written:
          writer.write(record)


def _climb(tmp_path, **given):
  source = standard_artifacts.Examples()
  source.uri = str(tmp_path / "embeddings")
  _write(source.uri, **given)
  ladder = artifacts.Ladder()
  ladder.uri = str(tmp_path / "ladder")
  executor.Executor().Do(
    {"embeddings": [source]},
    {"ladder": [ladder]},
    {
      "attributes": '["Easy", "Hard"]',
      "blocks": "[6, 4]",
      "settings": settings_lib.to_json(ClassifierSettings()),
    },
  )
  return ladder.uri


def test_labels_are_judged_without_any_face(tmp_path, capsys):
  uri = _climb(tmp_path)
  found = ladder_files.read(uri)
  assert list(found) == list(ATTRIBUTES)
  for attribute, labels, judged in (("Easy", 60, 40), ("Hard", 48, 32)):
    ladder = found[attribute]["ladder"]
    assert list(ladder) == ["majority", *steps.WITHOUT_FACES]
    assert found[attribute]["n"] == judged
    assert ladder["labeled_only"]["n"] == labels
    assert ladder["ceiling"]["n"] == labels * 3
  easy, hard = (found[name]["ladder"]["labeled_only"] for name in ATTRIBUTES)
  assert easy["auc"] > 0.98 > hard["auc"] > 0.5
  said = capsys.readouterr().err
  low, high = easy["auc_ci95"]
  assert f"Easy: {easy['auc']:.3f} [{low:.2f}, {high:.2f}] from 60 labels" in said
  assert "Hard: " in said and "more labels: about" in said


def test_scores_are_those_of_the_photos(tmp_path):
  scores = ladder_files.read_scores(f"{_climb(tmp_path)}/{ladder_files.SCORES}")
  easy = scores["Easy"]
  assert easy.image_ids == [f"hand_labeled-{n:03d}.jpg" for n in range(40)]
  assert list(easy.labels) == [n % 2 for n in range(40)]
  assert np.mean((easy.by_step["labeled_only"] >= 0.5) == easy.labels) > 0.9
  assert len(scores["Hard"].image_ids) == 32


def test_shards_change_nothing(tmp_path):
  one = ladder_files.read(_climb(tmp_path / "one"))
  assert ladder_files.read(_climb(tmp_path / "three", shards=3)) == one


def test_without_labels_of_the_others_there_is_no_ceiling(tmp_path):
  found = ladder_files.read(_climb(tmp_path, labels_of_others=False))
  assert list(found["Easy"]["ladder"]) == ["majority", "labeled_only", "labeled_self_training"]


def test_few_lines_for_many_attributes():
  row = {"auc": 0.9, "auc_ci95": [0.8, 1.0], "n": 50}
  result = {"ladder": {"labeled_only": row, "labeled_self_training": row}, "more_labels": None}
  lines = list(executor.said({f"attribute {n}": result for n in range(40)}))
  assert len(lines) < 20 and lines[-1].startswith("and 28 more attributes")
