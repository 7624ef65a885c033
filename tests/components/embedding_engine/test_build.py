"""Engines give the reference's embeddings, on real photos."""

import os
import pathlib
from collections.abc import Callable

import numpy as np
import pytest

from components.embedding_engine import build
from components.shared.core import errors
from components.shared.networks import agreement, decoding, engine_artifact, engines
from components.shared.networks.engine_settings import EngineSettings

Embed = Callable[[engines.Engine], np.ndarray]


@pytest.fixture(scope="session")
def embed(unlabeled_photos) -> Embed:
  """embed(engine): of photos that no engine was calibrated on."""
  with decoding.threads() as threads:
    pixels = decoding.decode_faces(unlabeled_photos[-48:], 160, threads)
  return lambda engine: agreement.embed_all(engine, pixels, 16)


@pytest.fixture(scope="session")
def reference(embed, facenet_uri) -> np.ndarray:
  return embed(engines.TensorFlowEngine(facenet_uri))


def _build(facenet_uri, read, uri: pathlib.Path, **settings) -> engine_artifact.Description:
  uri.mkdir()
  description = build.build(
    EngineSettings(calibration_photos=48, batch_size=16, **settings), facenet_uri, read, str(uri)
  )
  assert engine_artifact.read(str(uri)) == description
  return description


def _compare(embed, facenet_uri, uri, reference) -> agreement.Agreement:
  engine = engine_artifact.load(str(uri), facenet_uri)
  return agreement.compare(embed(engine), reference)


def test_onnx_in_float32_is_the_reference(facenet_uri, read, embed, reference, tmp_path):
  uri = tmp_path / "engine"
  description = _build(facenet_uri, read, uri, kind="onnx_fp32")
  assert description.kind == "onnx_fp32" and description.agreement is None
  embeddings = embed(engine_artifact.load(str(uri), facenet_uri))
  np.testing.assert_allclose(embeddings, reference, rtol=1e-3, atol=1e-4)


@pytest.fixture(scope="session")
def int8_uri(facenet_uri, read, tmp_path_factory) -> pathlib.Path:
  uri = tmp_path_factory.mktemp("int8") / "engine"
  _build(facenet_uri, read, uri, kind="onnx_int8")
  return uri


def test_int8_is_close_and_says_how_close(int8_uri, facenet_uri, embed, reference):
  description = engine_artifact.read(str(int8_uri))
  assert description.kind == "onnx_int8" and not description.float_layers
  found = _compare(embed, facenet_uri, int8_uri, reference)
  assert found.median >= 0.99 and found.low >= 0.97
  assert found.median == pytest.approx(description.agreement.median, abs=2e-3)
  # Four weights in the room of one, and not more exact than 8 bits can be.
  assert os.path.getsize(engine_artifact.int8_file(str(int8_uri))) < 32e6
  assert found.median < 0.99999


@pytest.mark.slow
def test_layers_stay_in_float32_where_int8_is_not_good_enough(
  int8_uri, facenet_uri, read, embed, reference, tmp_path, capsys
):
  reached = engine_artifact.read(str(int8_uri)).agreement.low
  bound = (1 + 2 * reached) / 3
  description = _build(facenet_uri, read, tmp_path / "mixed", kind="onnx_int8", low_cosine=bound)
  assert 0 < len(description.float_layers) < 100
  assert description.agreement.low >= bound
  mixed = _compare(embed, facenet_uri, tmp_path / "mixed", reference)
  assert mixed.low > _compare(embed, facenet_uri, int8_uri, reference).low
  said = capsys.readouterr().err
  assert "embedding engine: onnx_int8" in said and "in float32" in said


def test_int8_that_is_never_good_enough(small_network_uri, read, tmp_path):
  with pytest.raises(errors.UserError, match="differ too much.*onnx_fp32"):
    _build(small_network_uri, read, tmp_path / "insisted", kind="onnx_int8", median_cosine=1.0)


def test_too_few_photos_to_calibrate(small_network_uri, read, tmp_path):
  with pytest.raises(errors.UserError, match="^3 photos are too "):
    _build(small_network_uri, lambda _: read(3), tmp_path / "engine", kind="onnx_int8")
