"""Very many photos: shards by Beam, made once."""

import json
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf
from pyarrow import parquet

from components.shared.data import examples
from components.shared.learning import arrays, monitoring
from pipeline.programs import prediction
from pipeline.programs.monitoring import log as log_lib

_COUNT = 23


@pytest.fixture(scope="module")
def album(tmp_path_factory, sample_photos):
  """Aligned photos, one of which is damaged, and a text."""
  folder = tmp_path_factory.mktemp("album")
  for photo in sorted(sample_photos.iterdir())[: _COUNT - 2]:
    shutil.copy(photo, folder)
  damaged = min(folder.iterdir()).read_bytes()[:900]
  (folder / "damaged.jpg").write_bytes(damaged)
  (folder / "text, really.jpg").write_text("hello")
  return folder


@pytest.fixture
def predict(invoke, model):
  """predict(arguments) of the command line."""
  return lambda *arguments: invoke("predict", "--model", model, *arguments)


def _rows(folder):
  content = json.loads((folder / "predictions.json").read_text())
  return [row for name in content["files"] for row in parquet.read_table(folder / name).to_pylist()]


def _shards(folder):
  return {path: path.stat().st_mtime_ns for path in folder.glob("predictions-*.parquet")}


def test_they_hold_what_predict_says(predict, album, tmp_path):
  plain = json.loads(predict(album, "--as-is", "--json", "--uncertain", "0.4", "0.6").printed)
  folder = tmp_path / "shards"
  done = predict(
    album, "--as-is", "--uncertain", "0.4", "0.6", "--shards", folder, "--per-shard", "5"
  )
  assert done.status == 2 and done.printed == ""
  assert "21 faces in 21 photos" in done.errors
  assert "2 photos without a label" in done.errors
  rows = _rows(folder)
  assert [row["photo"] for row in rows] == [row["photo"] for row in plain]
  for row, expected in zip(rows, plain, strict=True):
    assert row["reason"] == expected["reason"]
    for name, label in (expected["labels"] or {"Male": None, "Smiling": None}).items():
      assert row[f"label_{name}"] == label
      if label is not None:
        assert row[f"probability_{name}"] == pytest.approx(
          expected["probabilities"][name], abs=1e-5
        )
        assert row[f"uncertain_{name}"] == (name in expected["uncertain"])
  content = json.loads((folder / "predictions.json").read_text())
  assert (content["photos"], content["faces"], len(content["files"])) == (21, 21, 5)
  assert sum(content["reasons"].values()) == 2


def test_what_is_there_is_not_made_again(predict, album, tmp_path):
  mine, folder = tmp_path / "album", tmp_path / "shards"
  shutil.copytree(album, mine)
  call = (mine, "--as-is", "--shards", folder, "--per-shard", "5")
  predict(*call)
  before = _shards(folder)
  assert len(before) == 5
  again = predict(*call)
  assert "5 of 5 shards are there already" in again.errors and _shards(folder) == before
  # Killed between a shard and what says that it is complete.
  path = min(before)
  path.with_suffix(".json").unlink()
  (folder / "predictions.json").unlink()
  again = predict(*call)
  assert "4 of 5 shards are there already" in again.errors
  assert {path for path, time in _shards(folder).items() if time != before[path]} == {path}
  assert len(_rows(folder)) == _COUNT
  # Another photo under an old name.
  first, second = sorted(mine.iterdir())[:2]
  shutil.copy(second, first)
  os.utime(first, (1, 1))
  again = predict(*call)
  assert "4 of 5 shards are there already" in again.errors
  after = _shards(folder)
  assert len(after) == 5 and len(set(after) - set(before)) == 1
  assert len({path.stem for path in folder.glob("predictions-*.json")}) == 5


def test_workers_change_nothing(predict, album, tmp_path):
  one, two = tmp_path / "one", tmp_path / "two"
  predict(album, "--as-is", "--shards", one, "--per-shard", "4")
  done = predict(
    *(album, "--as-is", "--shards", two, "--per-shard", "4"),
    *("--beam", "--direct_num_workers=2", "--beam", "--direct_running_mode=multi_processing"),
  )
  assert done.status == 2
  assert _rows(one) == _rows(two)


def test_tfrecords(predict, album, tmp_path):
  folder = tmp_path / "shards"
  predict(album, "--as-is", "--tfrecord", "--shards", folder)
  (name,) = json.loads((folder / "predictions.json").read_text())["files"]
  dataset = tf.data.TFRecordDataset(str(folder / name), compression_type="GZIP")
  records = [examples.decode(record.numpy()) for record in dataset]
  assert len(records) == _COUNT
  assert records[0]["photo"] == os.fsencode(min(album.iterdir()))
  assert records[0]["label_Male"] in (0, 1) and "reason" not in records[0]
  assert records[-1]["reason"] and "label_Male" not in records[-1]


def test_counts_for_monitoring_are_kept_once(invoke, model, album, tmp_path):
  watched = tmp_path / "1"
  shutil.copytree(model, watched)
  rows = [
    row for row in prediction.predict(sorted(album.iterdir()), model, "as-is") if row.reason is None
  ]
  faces = monitoring.Faces(
    quality=np.stack([monitoring.quality(row.face) for row in rows]),
    embeddings=np.stack([row.embedding for row in rows]),
    probabilities={n: np.array([row.probabilities[n] for row in rows]) for n in rows[0].labels},
    labels={n: np.array([row.labels[n] for row in rows]) for n in rows[0].labels},
  )
  baseline = monitoring.baseline(faces, np.arange(len(rows)) < 12)
  (watched / arrays.FOLDER / monitoring.FILE).write_bytes(baseline)
  folder, log = tmp_path / "shards", tmp_path / "log"
  call = ("predict", album, "--model", watched, "--as-is", "--log", log)
  call = (*call, "--shards", folder, "--per-shard", "12")
  assert invoke(*call).status == 2
  for path in folder.glob("predictions-*.json"):
    path.unlink()
  assert invoke(*call).status == 2
  kept = list(log_lib.read(log))
  assert len(kept) == 2 and sum(call.photos for call in kept) == _COUNT


def test_a_log_that_can_t_be_kept_is_said_first(predict, album, tmp_path):
  done = predict(album, "--as-is", "--shards", tmp_path / "shards", "--log", tmp_path / "log")
  assert done.status == 2 and "has no baseline for monitoring" in done.errors
  assert not list((tmp_path / "shards").iterdir()) and not (tmp_path / "log").exists()


@pytest.mark.parametrize(
  "arguments, message",
  [
    (("--csv",), "--shards: goes with none of"),
    (("--beam", "runner"), "--beam runner: write it as --beam --name=value"),
    (("--beam", "Trainer:--runner=x"), "there are no components here"),
    (("--beam", "--runner=NoneSuch"), "--runner=NoneSuch"),
  ],
)
def test_what_can_t_work_is_said_first(predict, album, tmp_path, arguments, message):
  done = predict(album, "--as-is", "--shards", tmp_path / "shards", *arguments)
  assert done.status == 2 and message in done.errors
  assert not list((tmp_path / "shards").glob("*.parquet"))


def test_another_folder_is_left_alone(predict, album, tmp_path):
  (tmp_path / "notes.txt").write_text("mine")
  done = predict(album, "--as-is", "--shards", tmp_path)
  assert done.status == 2 and "holds notes.txt, which is no prediction" in done.errors
  assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
  done = predict(album, "--as-is", "--beam", "--runner=FnApiRunner")
  assert done.status == 2 and "--beam: goes with --shards FOLDER" in done.errors
