"""The engine of a run, if it is here and belongs to the model."""

import shutil

import pytest

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
  assert run_engine.of_pushed(other) is None


def test_engine_that_is_gone(pushed, capsys, sample_photos):
  shutil.rmtree(pushed.parents[1] / "tfx" / "EmbeddingEngine")
  predictor = prediction.Predictor(pushed, find=False)
  assert predictor.engine == "the model's own network"
  (said,) = [line for line in capsys.readouterr().err.splitlines() if "slower" in line]
  assert "engine.json" in said
  (row,) = predictor.predict([("", sample_photos / "000007.jpg")], "as-is")
  assert row.reason is None


def test_model_outside_of_a_run(model):
  assert run_engine.of_pushed(model) is None


def test_damaged_metadata(pushed, capsys):
  (pushed.parents[1] / "metadata.sqlite").write_bytes(b"no database" * 100)
  assert run_engine.of_pushed(pushed) is None
  assert "can't be loaded" in capsys.readouterr().err
