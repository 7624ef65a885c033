"""Weights files that are not FaceNet's are refused; no code in one is run."""

import base64
import json
import marshal

import h5py
import numpy as np
import pytest

from components.shared.core import errors
from components.shared.networks import facenet, keras_h5

_CONV = "model_weights/Conv2d_4b_3x3/Conv2d_4b_3x3"
_NORM = "model_weights/Conv2d_4b_3x3_BatchNorm/Conv2d_4b_3x3_BatchNorm"


@pytest.fixture(scope="module")
def model():
  return facenet.build()


def _replace(file: h5py.File, name: str, value: np.ndarray) -> None:
  del file[name]
  file[name] = value


def _transpose(file):
  _replace(file, f"{_CONV}/kernel:0", np.transpose(file[f"{_CONV}/kernel:0"][...], (3, 2, 0, 1)))


def _nan(file):
  file[f"{_CONV}/kernel:0"][0, 0, 0, 0] = np.nan


def _infinity(file):
  file[f"{_NORM}/moving_mean:0"][3] = np.inf


def _negative_variance(file):
  file[f"{_NORM}/moving_variance:0"][3] = -1


def _bytes(file):
  _replace(file, f"{_NORM}/beta:0", np.full((256,), b"code"))


def _missing_layer(file):
  del file["model_weights/Block8_6_Conv2d_1x1"]


def _missing_array(file):
  del file[f"{_NORM}/beta:0"]


def _extra_layer(file):
  file["model_weights/head/head/kernel:0"] = np.zeros((128, 2), np.float32)


def _extra_array(file):
  file[f"{_CONV}/bias:0"] = np.zeros((256,), np.float32)


@pytest.mark.parametrize(
  "change, message",
  [
    (_transpose, r"Conv2d_4b_3x3/kernel has the shape \(256, 192, 3, 3\)"),
    (_nan, "Conv2d_4b_3x3/kernel holds NaN"),
    (_infinity, "moving_mean holds NaN or infinite"),
    (_negative_variance, "moving_variance is negative"),
    (_bytes, "beta does not hold floating-point numbers"),
    (_missing_layer, "it lacks layers: Block8_6_Conv2d_1x1"),
    (_missing_array, "it lacks arrays of layer .*_BatchNorm: beta"),
    (_extra_layer, "it has unknown layers: head"),
    (_extra_array, "it has unknown arrays of layer Conv2d_4b_3x3: bias"),
  ],
)
def test_files_that_do_not_fit(model, changed, change, message):
  path = changed(change)
  with pytest.raises(errors.UserError, match=message) as error:
    facenet.load_weights(model, path)
  assert str(path) in str(error.value)
  assert "\n" not in str(error.value)


def test_another_network(model, tmp_path):
  path = tmp_path / "other.h5"
  with h5py.File(path, "w") as file:
    file["conv1_1/conv1_1/kernel:0"] = np.zeros((3, 3, 3, 64), np.float32)
  with pytest.raises(errors.UserError, match="lacks layers: .* and 244 more"):
    facenet.load_weights(model, path)


@pytest.mark.parametrize("size", [0, 100, 5_000_000])
def test_truncated_files(model, facenet_weights, tmp_path, size):
  path = tmp_path / "short.h5"
  path.write_bytes(facenet_weights.read_bytes()[:size])
  with pytest.raises(errors.UserError, match="is not a whole HDF5 file"):
    facenet.load_weights(model, path)


def test_missing_file(model, tmp_path):
  with pytest.raises(errors.UserError, match="no such weights file"):
    facenet.load_weights(model, tmp_path / "none.h5")


@pytest.mark.parametrize("link", [h5py.ExternalLink, h5py.SoftLink])
def test_links_are_not_followed(model, changed, facenet_weights, link):
  name = "model_weights/Bottleneck"

  def change(file):
    file.move(name, "elsewhere")
    file[name] = link("/elsewhere") if link is h5py.SoftLink else link(str(facenet_weights), name)

  with pytest.raises(errors.UserError, match="lacks layers: Bottleneck"):
    facenet.load_weights(model, changed(change))


def test_arrays_kept_in_other_files_are_not_read(model, changed, tmp_path):
  (tmp_path / "secret").write_bytes(bytes(1024))

  def change(file):
    del file[f"{_NORM}/beta:0"]
    file.create_dataset(
      f"{_NORM}/beta:0", (256,), np.float32, external=[(str(tmp_path / "secret"), 0, 1024)]
    )

  with pytest.raises(errors.UserError, match="numbers of its own"):
    facenet.load_weights(model, changed(change))


def test_code_in_the_file_is_not_run(model, changed, tmp_path):
  trace = tmp_path / "trace"
  code = compile(f"open({str(trace)!r}, 'w')", "lambda", "eval")
  bytecode = base64.b64encode(marshal.dumps(code)).decode()

  def change(file):
    config = json.loads(file.attrs["model_config"])
    lambdas = [layer for layer in config["config"]["layers"] if layer["class_name"] == "Lambda"]
    assert len(lambdas) == 21
    for layer in lambdas:
      layer["config"]["function"] = [bytecode, None, None]
    file.attrs["model_config"] = json.dumps(config)

  facenet.load_weights(model, changed(change))
  assert not trace.exists()


def _small(path, change) -> None:
  with h5py.File(path, "w") as file:
    file.create_group("layer")
    change(file["layer"])


def _virtual(group):
  layout = h5py.VirtualLayout((3,), "f4")
  layout[:] = h5py.VirtualSource("elsewhere.h5", "x", (3,))
  group.create_virtual_dataset("bias:0", layout)


def _large_parts(group):
  group.create_dataset("bias:0", (3,), "f4", chunks=(1 << 28,), maxshape=(None,))


def _deep(group):
  for _ in range(100):
    group = group.create_group("a")


@pytest.mark.parametrize(
  "change, told",
  [
    (_virtual, "numbers of its own"),
    (_large_parts, "larger than itself"),
    (_deep, "nested too deep"),
  ],
)
def test_arrays_that_are_not_what_they_seem(tmp_path, change, told):
  path = tmp_path / "weights.h5"
  _small(path, change)
  with pytest.raises(errors.UserError, match=told):
    keras_h5.read(path, {"layer": {"bias": (3,)}})
