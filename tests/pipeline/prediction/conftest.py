"""A pushed model whose face network says which colours a face has where."""

import pathlib
import shutil

import keras
import numpy as np
import pytest

from components.shared.networks import engine_artifact, network_artifact, networks
from devtools.bench import pushing
from pipeline import config as config_lib
from pipeline.programs import prediction
from pipeline.programs.prediction import run_engine
from tests import metadata

SIDE, WIDTH = 16, 12


def _colours() -> keras.Model:
  """Mean colours of the four quarters, 0 to 1."""
  pixels = keras.Input((SIDE, SIDE, 3))
  x = keras.layers.Rescaling(1 / 255)(pixels)
  x = keras.layers.AveragePooling2D(SIDE // 2)(x)
  return keras.Model(pixels, keras.layers.Flatten()(x))


@pytest.fixture(scope="session")
def network_uri(tmp_path_factory) -> str:
  """A Model artifact of EmbeddingNetwork."""
  network = networks.FaceNetwork(
    name="colours",
    output="flatten",
    input_size=SIDE,
    embedding_width=WIDTH,
    licence="none",
    build=_colours,
  )
  uri = tmp_path_factory.mktemp("network")
  network_artifact.write(network, network.build(), "0" * 64, str(uri))
  return str(uri)


@pytest.fixture(scope="session")
def engine_uri(tmp_path_factory) -> str:
  """An artifact of EmbeddingEngine."""
  uri = tmp_path_factory.mktemp("engine")
  engine_artifact.write(str(uri), engine_artifact.Description(kind="onnx_fp32", reason="a test"))
  return str(uri)


@pytest.fixture(scope="session")
def model(tmp_path_factory, network_uri) -> pathlib.Path:
  """A pushed model's folder, in that of no run."""
  path = tmp_path_factory.mktemp("pushed") / "1"
  embeddings = np.random.default_rng(0).uniform(0.1, 0.9, (40, WIDTH)).astype(np.float32)
  pushing.push(path, network_uri, embeddings, ["Smiling", "Male"])
  return path


@pytest.fixture(scope="session")
def predictor(model, network_uri, engine_uri) -> prediction.Predictor:
  """With finder and engine."""
  return prediction.Predictor(model, engine=run_engine.RunEngine(network_uri, engine_uri))


@pytest.fixture
def run_of_pushed(tmp_path, model, network_uri, engine_uri) -> pathlib.Path:
  """A run's folder with a pushed model, moved here from elsewhere."""
  run = tmp_path / "run"
  run.mkdir()
  (run / "config.yaml").write_text(config_lib.to_yaml(config_lib.Config()))
  recorder = metadata.Recorder(run / "metadata.sqlite")
  metadata.pushed_model(recorder, "/where/it/was/tfx", "100")
  for uri, place in (
    (network_uri, "EmbeddingNetwork/network/1"),
    (engine_uri, "EmbeddingEngine/engine/2"),
    (model, "../model/100"),
  ):
    shutil.copytree(uri, run / "tfx" / place)
  return run
