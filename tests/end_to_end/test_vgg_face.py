"""The whole pipeline on VGG-Face, at each width.

Its weights are random, of the true shapes: what is learned from them is worth
little, and what is tested is that every component takes embeddings that wide.
"""

import json

import pytest

from components.embedding_engine import engine_artifact
from components.embedding_network import network_artifact
from tests.end_to_end import running

_SETTINGS = (
    *running.SMALLEST, "engine.kind=onnx_int8", "engine.calibration_photos=8",
    "engine.batch_size=16")


@pytest.mark.parametrize("output, width", [("fc8", 2622), ("fc7", 4096)])
def test_pipeline_on_vgg_face(random_vgg_face_weights, few_photos, tmp_path,
                              output, width):
  run = running.run_pipeline(
      tmp_path, "vgg", *few_photos, "--generator", "dcgan-digiface",
      "--embedder", "vgg_face",
      settings=(*_SETTINGS, f"embedder.weights={random_vgg_face_weights}",
                f"embedder.output={output}"))
  assert run.status == 0, run.errors
  assert run.evaluation["embedder"] == "vgg_face"
  assert "semi_supervised" in run.evaluation["ladder"]
  network = network_artifact.read(
      str(run.artifact("EmbeddingNetwork", "network")))
  assert (network.output, network.embedding_width) == (output, width)
  engine = engine_artifact.read(str(run.artifact("EmbeddingEngine", "engine")))
  assert engine.kind == run.evaluation["engine"]["kind"] == "onnx_int8"
  schema = (run.artifact("EmbeddingSchema", "schema") / "schema.pbtxt")
  assert f"size: {width}" in schema.read_text()
  report = (run.folder / "report" / "index.html").read_text()
  assert "vgg_face embeddings" in report and "onnx_int8" in report
  assert json.loads((run.folder / "evaluation.json").read_text())["seconds"]
