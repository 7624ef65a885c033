"""VGG-Face's weights files: read in each layout, refused if anything is wrong.

All weights are random.
"""

import pathlib
import pickle
import random
from collections.abc import Callable

import h5py
import numpy as np
import pytest
from scipy.io import matlab

from components.shared.core import errors
from components.shared.networks import facenet, vgg_face_files
from tests.components.embedding_network import random_vgg_face


@pytest.mark.parametrize(
  "write, change, layout",
  [
    (random_vgg_face.write_deepface, {}, vgg_face_files.DEEPFACE),
    (random_vgg_face.write_keras_vggface, {}, vgg_face_files.KERAS_VGGFACE),
    (
      random_vgg_face.write_keras_vggface,
      {"names": ("W_1:0", "b_1:0")},
      vgg_face_files.KERAS_VGGFACE,
    ),
    (random_vgg_face.write_matconvnet, {}, vgg_face_files.MATCONVNET),
    (random_vgg_face.write_matconvnet, {"old": True}, vgg_face_files.MATCONVNET),
  ],
  ids=["deepface", "keras-vggface", "old keras-vggface", "matconvnet", "old matconvnet"],
)
def test_every_layout_is_recognised_and_read(layers, tmp_path, write, change, layout):
  path = write(tmp_path / "no-name-to-go-by", layers, **change)
  found = random_vgg_face.read_narrow(path)
  assert found.layout.name == layout.name
  assert list(found.layers) == list(layers)
  np.testing.assert_allclose(found.rgb_means, [129.1863, 104.7624, 93.5940])
  for name, (kernel, bias) in layers.items():
    read_kernel, read_bias = found.layers[name]
    assert np.array_equal(read_kernel.reshape(kernel.shape), kernel), name
    assert np.array_equal(read_bias, bias), name
  kernel = layers["conv1_1"][0]
  expected = kernel if layout.channels == "RGB" else kernel[:, :, ::-1]
  np.testing.assert_array_equal(found.to_rgb(found.layers["conv1_1"][0]), expected)


Write = Callable[[pathlib.Path, random_vgg_face.Layers], pathlib.Path]
_WRITERS = {
  "deepface": random_vgg_face.write_deepface,
  "keras-vggface": random_vgg_face.write_keras_vggface,
  "matconvnet": random_vgg_face.write_matconvnet,
}


@pytest.fixture(params=_WRITERS.values(), ids=_WRITERS.keys())
def write(request) -> Write:
  return request.param


def _refused(path: pathlib.Path, match: str) -> None:
  with pytest.raises(errors.UserError, match=match) as caught:
    random_vgg_face.read_narrow(path)
  assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_numbers_that_are_not_finite(layers, write, tmp_path):
  kernel = layers["conv1_2"][0].copy()
  kernel[1, 2, 3, 4] = np.nan
  changed = {**layers, "conv1_2": (kernel, layers["conv1_2"][1])}
  _refused(write(tmp_path / "file", changed), "NaN or infinite")


def test_transposed_arrays(layers, write, tmp_path):
  kernel = layers["conv2_1"][0].transpose(0, 1, 3, 2)
  changed = {**layers, "conv2_1": (kernel, layers["conv2_1"][1])}
  _refused(write(tmp_path / "file", changed), r"shape \(3, 3, 16, 8\) instead of \(3, 3, 8, 16\)")


def test_layers_that_are_missing(layers, write, tmp_path):
  path = write(tmp_path / "file", random_vgg_face.convolutions(layers))
  _refused(path, "is of another network")


def test_files_that_are_cut(layers, write, tmp_path):
  whole = write(tmp_path / "whole", random_vgg_face.convolutions(layers))
  cut = tmp_path / "cut"
  cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
  _refused(cut, "is not a whole")


def test_files_with_damaged_bytes(write, tmp_path):
  """Of a network that is too small in any case: it is always refused."""
  tiny = {
    name: (np.ones((3, 3, 2, 2), np.float32), np.ones(2, np.float32))
    for name in [*vgg_face_files.DENSE, *vgg_face_files.CONVOLUTIONS]
  }
  path = write(tmp_path / "file", tiny)
  whole = path.read_bytes()
  chance = random.Random(0)
  for _ in range(150):
    damaged = bytearray(whole)
    damaged[chance.randrange(len(whole))] = chance.randrange(256)
    path.write_bytes(damaged)
    _refused(path, path.name)


def test_other_mean_colour(layers, tmp_path):
  path = random_vgg_face.write_matconvnet(
    tmp_path / "file.mat", random_vgg_face.convolutions(layers), means=(93.594, 104.7624, 129.1863)
  )
  _refused(path, "mean colour")


def test_weights_of_facenet(facenet_weights):
  _refused(facenet_weights, "is of another network")


def test_facenet_is_not_filled_with_them(layers, write, tmp_path):
  path = write(tmp_path / "file", random_vgg_face.convolutions(layers))
  with pytest.raises(errors.UserError, match="another network|not a whole HDF5 file"):
    facenet.load_weights(facenet.build(), path)


def test_convolutions_that_have_names(layers, tmp_path):
  """A layer called fc6 makes no file keras-vggface's."""
  path = random_vgg_face.write_deepface(tmp_path / "file", layers, list(layers))
  assert vgg_face_files.recognise(path) == vgg_face_files.DEEPFACE
  assert random_vgg_face.read_narrow(path).layers.keys() == layers.keys()


def test_other_kinds_of_file(tmp_path):
  path = tmp_path / "weights.pt"
  path.write_bytes(pickle.dumps([1.0]))
  _refused(path, "neither an HDF5 nor a MATLAB file.*vgg_face_weights.h5")
  _refused(tmp_path / "none.h5", "there is no such weights file")
  path.write_bytes(b"MATLAB 7.3 MAT-file, from somewhere")
  _refused(path, "format 7.3")


def test_an_h5_file_with_objects_in_place_of_numbers(layers, tmp_path):
  path = random_vgg_face.write_deepface(tmp_path / "file.h5", layers)
  with h5py.File(path, "r+") as file:
    shape = file["conv2d_1/conv2d_1/bias:0"].shape
    del file["conv2d_1/conv2d_1/bias:0"]
    file["conv2d_1"].create_dataset("conv2d_1/bias:0", shape, h5py.vlen_dtype(np.uint8))
  _refused(path, "does not hold floating-point numbers")


@pytest.mark.parametrize(
  "name", ["testfunc_7.4_GLNX86.mat", "some_functions.mat", "testobject_7.4_GLNX86.mat"]
)
def test_mat_files_with_functions_and_objects(name):
  data = pathlib.Path(matlab.__file__).parent / "tests" / "data"
  _refused(data / name, "holds functions or objects")
