"""The engine of a run, if it is here and belongs to the model."""

import shutil

import pytest

from pipeline import config as config_lib
from pipeline import prediction
from pipeline.prediction import run_engine
from tests import metadata


@pytest.fixture
def pushed(tmp_path, model, network_uri, engine_uri):
  """A pushed model within a run's folder, which was moved here."""
  run = tmp_path / "run"
  run.mkdir()
  (run / "config.yaml").write_text(config_lib.to_yaml(config_lib.Config()))
  recorder = metadata.Recorder(run / "metadata.sqlite")
  metadata.pushed_model(recorder, "/where/it/was/tfx", "100")
  for uri, place in ((network_uri, "EmbeddingNetwork/network/1"),
                     (engine_uri, "EmbeddingEngine/engine/2"),
                     (model, "../model/100")):
    shutil.copytree(uri, run / "tfx" / place)
  return run / "model" / "100"


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
  said, = [line for line in capsys.readouterr().err.splitlines()
           if "slower" in line]
  assert "engine.json" in said
  row, = predictor.predict([("", sample_photos / "000007.jpg")], "as-is")
  assert row.reason is None


def test_model_outside_of_a_run(model):
  assert run_engine.of_pushed(model) is None


def test_damaged_metadata(pushed, capsys):
  (pushed.parents[1] / "metadata.sqlite").write_bytes(b"no database" * 100)
  assert run_engine.of_pushed(pushed) is None
  assert "can't be loaded" in capsys.readouterr().err
