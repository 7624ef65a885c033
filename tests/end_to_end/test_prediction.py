"""What was pushed, used: by predict, and as TensorFlow Serving would."""

import csv
import io
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from components.shared.networks import engine_artifact
from pipeline.programs import prediction
from tests import canvases
from tests.end_to_end import running

_SERVER = pathlib.Path(__file__).with_name("serve_with_tensorflow_alone.py")


@pytest.fixture(scope="module")
def pushed(first_run) -> pathlib.Path:
  """The pushed model's folder."""
  return max((first_run.folder / "model").iterdir(), key=lambda path: int(path.name))


@pytest.fixture(scope="module")
def photos(sample_photos):
  return [sample_photos / f"{number:06d}.jpg" for number in (7, 9, 20, 301)]


@pytest.fixture(scope="module")
def outputs(pushed, photos):
  """What the pushed model says of them in this process."""
  signature = tf.saved_model.load(str(pushed)).signatures["serving_default"]
  found = signature(image=tf.constant([path.read_bytes() for path in photos]))
  return {name: value.numpy() for name, value in found.items()}


def test_serving_by_tensorflow_alone(pushed, photos, outputs, tmp_path):
  """In a session, which has only those variables that the graph restores."""
  predict_pb2 = pytest.importorskip(
    "tensorflow_serving.apis.predict_pb2",
    reason="tensorflow-serving-api, which TFX brings, is not installed",
  )
  inputs = {
    "serving_default": ("image", [p.read_bytes() for p in photos]),
    "classify_embedding": ("embedding", outputs["embedding"]),
  }
  files = []
  for signature, (name, value) in inputs.items():
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "faces"
    request.model_spec.signature_name = signature
    request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    files += [tmp_path / f"{signature}.{kind}" for kind in ("request", "response")]
    files[-2].write_bytes(request.SerializeToString())
  # Isolated: no PYTHONPATH, nothing of the folder it is started in.
  done = subprocess.run(
    [sys.executable, "-I", str(_SERVER), str(pushed), *map(str, files)],
    cwd=tmp_path,
    check=False,
    capture_output=True,
    text=True,
    env={"PATH": "/usr/bin:/bin", "TF_CPP_MIN_LOG_LEVEL": "2"},
  )
  assert done.returncode == 0, done.stderr[-2000:]
  for (signature, (name, _)), file in zip(inputs.items(), files[1::2], strict=True):
    response = predict_pb2.PredictResponse.FromString(file.read_bytes())
    assert response.model_spec.signature_name == signature
    expected = set(outputs) - {name}
    assert set(response.outputs) == expected
    for key in expected:
      served = tf.make_ndarray(response.outputs[key])
      assert (served.dtype, served.shape) == (outputs[key].dtype, outputs[key].shape)
      np.testing.assert_allclose(served, outputs[key], atol=1e-5)


def test_predict_embeds_with_the_engine_of_the_run(first_run, pushed, photos, outputs):
  predictor = prediction.Predictor(pushed, find=False)
  assert (
    predictor.engine
    == engine_artifact.read(str(first_run.artifact("EmbeddingEngine", "engine"))).kind
  )
  rows = list(predictor.predict(((path.name, path) for path in photos), "as-is"))
  for row, embedding, probability in zip(
    rows, outputs["embedding"], outputs["probability_Male"][:, 0], strict=True
  ):
    cosine = row.embedding @ embedding / (np.linalg.norm(row.embedding) * np.linalg.norm(embedding))
    assert cosine > 0.97
    assert row.probabilities["Male"] == pytest.approx(probability, abs=0.15)


def test_found_faces_are_labelled_as_the_aligned_photos(first_run, photos, tmp_path):
  for number, photo in enumerate(photos):
    canvases.canvas(
      (640, 480), canvases.Pasted(photo, (300, 230), 1.2 + 0.2 * number, 5 * number), seed=number
    ).save(tmp_path / photo.with_suffix(".png").name)
  done = running.command(
    "predict",
    "--name",
    "small",
    "--output",
    str(first_run.folder.parent),
    *map(str, photos),
    str(tmp_path),
    "--csv",
  )
  assert done.returncode == 0, done.stderr
  rows = list(csv.DictReader(io.StringIO(done.stdout)))
  assert [row["photo"] for row in rows] == [
    *map(str, photos),
    *(str(tmp_path / path.with_suffix(".png").name) for path in photos),
  ]
  crops, found = rows[: len(photos)], rows[len(photos) :]
  off = [
    float(one["probability_Male"]) - float(other["probability_Male"])
    for one, other in zip(crops, found, strict=True)
  ]
  assert np.mean(np.abs(off)) < 0.15
  assert (
    sum(one["label_Male"] == other["label_Male"] for one, other in zip(crops, found, strict=True))
    >= 3
  )
