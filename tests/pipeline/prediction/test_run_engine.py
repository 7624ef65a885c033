"""The engine of a run, if it is here and belongs to the model."""

import shutil

import numpy as np
import pytest

from components.shared.learning import arrays
from pipeline.programs import prediction
from pipeline.programs.prediction import run_engine


@pytest.fixture
def pushed(run_of_pushed):
  """A pushed model within a run's folder, which was moved here."""
  return run_of_pushed / "model" / "100"


def test_engine_is_taken(pushed, capsys):
  predictor = prediction.Predictor(pushed, find=False)
  assert predictor.engine == "onnx_fp32"
  assert "slower" not in capsys.readouterr().err


def test_another_version_has_none(pushed):
  other = pushed.rename(pushed.with_name("101"))
  shutil.rmtree(other / "assets.extra")
  assert run_engine.of_pushed(other) is None


def test_engine_that_is_gone(pushed, capsys, sample_photos):
  shutil.rmtree(pushed.parents[1] / "tfx" / "EmbeddingEngine")
  predictor = prediction.Predictor(pushed, find=False)
  assert predictor.engine == "onnx_fp32"  # The network in the model's folder.
  (said,) = [line for line in capsys.readouterr().err.splitlines() if "slower" in line]
  assert "engine.json" in said
  (row,) = predictor.predict([("", sample_photos / "000007.jpg")], "as-is")
  assert row.reason is None


def test_model_outside_of_a_run_brings_its_network(model, network_uri, sample_photos):
  engine = run_engine.of_pushed(model)
  assert (engine.kind, engine.width) == ("onnx_fp32", 12)
  brought = model / "assets.extra" / "network.onnx"
  assert brought.samefile(f"{network_uri}/network.onnx")  # There once, by a link.


def test_model_without_a_network(model, tmp_path, sample_photos):
  bare = tmp_path / "1"
  shutil.copytree(model, bare)
  (bare / "assets.extra" / "network.onnx").unlink()
  assert run_engine.of_pushed(bare) is None
  predictor = prediction.Predictor(bare, find=False)
  assert predictor.engine == "the model's own network"
  (row,) = predictor.predict([("", sample_photos / "000007.jpg")], "as-is")
  assert row.reason is None


def test_a_stored_threshold_decides(model, tmp_path, sample_photos):
  other = tmp_path / "1"
  shutil.copytree(model, other)
  path = other / arrays.FOLDER / arrays.FILE
  with np.load(path) as stored:
    content = dict(stored)
  photo = [("", sample_photos / "000007.jpg")]
  (row,) = prediction.Predictor(other, find=False).predict(photo, "as-is")
  above = {name: min(0.999, value + 1e-3) for name, value in row.probabilities.items()}
  below = {name: value - 1e-3 for name, value in row.probabilities.items()}
  for limits, label in ((above, 0), (below, 1)):
    content["threshold"] = np.array([limits[name] for name in sorted(limits)])
    np.savez(path, **content)
    (row,) = prediction.Predictor(other, find=False).predict(photo, "as-is")
    assert set(row.labels.values()) == {label}


def test_damaged_metadata(pushed, capsys):
  (pushed.parents[1] / "metadata.sqlite").write_bytes(b"no database" * 100)
  assert run_engine.of_pushed(pushed).kind == "onnx_fp32"
  assert "can't be loaded" in capsys.readouterr().err
