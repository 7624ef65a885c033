"""A pushed model with TensorFlow and without: the same numbers."""

import io
import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest

from components.shared.core import errors
from components.shared.learning import arrays
from devtools.bench import pushing
from pipeline.programs import prediction
from pipeline.programs.prediction import pushed_model, run_engine, saved_model

_WIDTH = 12
_HEAVY = ("tensorflow", "tfx", "keras", "tf_keras", "apache_beam", "h5py")
_PREDICT = """
import json, sys
from pipeline.programs import cli
try:
  cli.main()
finally:
  print("\\nheavy:", json.dumps([name for name in %r if name in sys.modules]))
"""


@pytest.fixture(scope="module")
def pushed(tmp_path_factory, network_uri) -> pathlib.Path:
  """Classifiers of embeddings far from zero, of which one value says nothing
  and is the same in all photos."""
  path = tmp_path_factory.mktemp("pushed") / "1"
  rng = np.random.default_rng(3)
  embeddings = rng.normal(5, 0.2, (60, _WIDTH)).astype(np.float32)
  embeddings[:, 2] = 0
  pushing.push(path, network_uri, embeddings, ["Smiling", "Bald", "Male"])
  return path


def test_arrays_say_what_tensorflow_says(pushed):
  reference = saved_model.SavedModel(pushed)
  without = arrays.read(pushed)
  assert list(without.committees) == reference.attributes == ["Bald", "Male", "Smiling"]
  rng = np.random.default_rng(4)
  for spread in (0.2, 20.0):  # The second: probabilities of almost 0 and 1.
    embeddings = rng.normal(5, spread, (300, _WIDTH)).astype(np.float32)
    embeddings[:, 2] = 0
    expected = reference.probabilities(embeddings)
    found = without.probabilities(embeddings)
    for attribute, probabilities in expected.items():
      assert found[attribute].dtype == np.float32
      np.testing.assert_allclose(found[attribute], probabilities, atol=1e-5)
    assert np.ptp(expected["Male"]) > 0.1


def test_a_model_of_before_is_still_used(model, tmp_path, network_uri, engine_uri, sample_photos):
  """Versions that pushed no arrays."""
  older = tmp_path / "1"
  shutil.copytree(model, older)
  shutil.rmtree(older / arrays.FOLDER)
  engine = run_engine.RunEngine(network_uri, engine_uri)
  faces = [path.read_bytes() for path in sorted(sample_photos.iterdir())[:3]]
  old, new = (pushed_model.PushedModel(path, engine).look_at(faces) for path in (older, model))
  for attribute in ("Male", "Smiling"):
    np.testing.assert_allclose(
      old.probabilities[attribute], new.probabilities[attribute], atol=1e-5
    )
    assert old.labels[attribute].tolist() == new.labels[attribute].tolist()


def _npz(**changed):
  found = {
    "attributes": np.array(["Male"]),
    "mean": np.zeros(3, np.float32),
    "deviation": np.ones(3, np.float32),
    "threshold": np.array([0.4], np.float32),
    "kernels_0": np.zeros((3, 2), np.float32),
    "biases_0": np.zeros(2, np.float32),
    "shares_0": np.full(2, 0.5, np.float32),
    "calibration_0": np.array([1, 0], np.float32),
  }
  found.update(changed)
  content = io.BytesIO()
  np.savez(content, **{name: value for name, value in found.items() if value is not None})
  return content.getvalue()


@pytest.mark.parametrize(
  "content",
  [
    b"",
    b"no zip",
    _npz()[:200],
    _npz(mean=None),
    _npz(kernels_0=None),
    _npz(mean=np.zeros(2, np.float32)),
    _npz(deviation=np.zeros(3)),
    _npz(kernels_0=np.zeros((3, 1), np.float32)),
    _npz(kernels_0=np.array([[None] * 2] * 3)),
  ],
  ids=["empty", "text", "cut", "no mean", "no kernel", "mean", "deviation", "kernel", "objects"],
)
def test_damaged_arrays_are_said_in_a_line(tmp_path, content):
  assert arrays.read(tmp_path) is None
  (tmp_path / arrays.FOLDER).mkdir()
  file = tmp_path / arrays.FOLDER / arrays.FILE
  file.write_bytes(_npz())
  assert list(arrays.read(tmp_path).committees) == ["Male"]
  file.write_bytes(content)
  with pytest.raises(errors.UserError, match="is damaged") as raised:
    arrays.read(tmp_path)
  assert str(file) in str(raised.value) and "\n" not in str(raised.value)


def test_a_photo_is_labelled_without_tensorflow(run_of_pushed, sample_photos):
  photo = sample_photos / "000201.jpg"
  done = subprocess.run(
    [
      sys.executable,
      "-c",
      _PREDICT % (_HEAVY,),
      "predict",
      str(photo),
      "--json",
      "--name",
      run_of_pushed.name,
      "--output",
      str(run_of_pushed.parent),
    ],
    capture_output=True,
    text=True,
    check=False,
    env={**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[3])},
  )
  assert done.returncode == 0, done.stderr
  printed, _, heavy = done.stdout.rpartition("\nheavy: ")
  assert json.loads(heavy) == []
  assert done.stderr.startswith("1 face in 1 photo\n")
  (said,) = json.loads(printed)
  model = run_of_pushed / "model" / "100"
  (face,) = prediction.Predictor(model).predict([("", photo)])
  _, expected = saved_model.SavedModel(model).of_faces([face.face])
  for attribute, probability in said["probabilities"].items():
    # Pillow and TensorFlow decode photos a little differently.
    assert probability == pytest.approx(float(expected[attribute][0]), abs=0.02)
