"""The whole pipeline on VGG-Face, at its widest.

Its weights are random, of the true shapes: what is learned from them is worth
little, and what is tested is that every component takes embeddings that wide.
"""

import json

import pytest

from components.shared.networks import engine_artifact, network_artifact
from tests.end_to_end import running

pytestmark = pytest.mark.slow

_SETTINGS = (
  *running.SMALL,
  "engine.kind=onnx_int8",
  "engine.calibration_photos=8",
  "engine.batch_size=16",
  "direction.samples=150",
  "synthetic.train_faces=150",
  "synthetic.eval_faces=30",
)
_WIDTH = 384


def test_pipeline_on_vgg_face(random_vgg_face_weights, first_run, tmp_path):
  generator = first_run.artifact("VaeGanTrainer", "model") / "Format-Serving"
  run = running.run_pipeline(
    tmp_path,
    "vgg",
    *("sample", "--generator", str(generator), "--embedder", "vgg_face"),
    settings=(*_SETTINGS, f"embedder.weights={random_vgg_face_weights}"),
  )
  assert run.status == 0, run.errors
  assert run.evaluation["embedder"] == "vgg_face"
  assert "semi_supervised" in run.evaluation["ladder"]
  network = network_artifact.read(str(run.artifact("EmbeddingNetwork", "network")))
  assert (network.output, network.embedding_width) == ("fc7", _WIDTH)
  engine = engine_artifact.read(str(run.artifact("EmbeddingEngine", "engine")))
  assert engine.kind == run.evaluation["engine"]["kind"] == "onnx_int8"
  schema = run.artifact("EmbeddingSchema", "schema") / "schema.pbtxt"
  assert f"size: {_WIDTH}" in schema.read_text()
  report = (run.folder / "report" / "index.html").read_text()
  assert "vgg_face" in report and "onnx_int8" in report
  assert json.loads((run.folder / "evaluation.json").read_text())["seconds"]
