"""VGG-Face: its shape, its outputs, its weights files; all weights random."""

import dataclasses
import pathlib
import pickle
from typing import Callable

import h5py
import keras
import numpy as np
import pytest
from scipy.io import matlab

from components import assets
from components import errors
from components.embedding_network import networks
from components.embedding_network import vgg_face
from components.embedding_network import vgg_face_files
from components.embedding_network import weights
from components.embedding_network.settings import EmbedderSettings
from tests.components.embedding_network import random_vgg_face


@pytest.fixture(scope="module")
def layers() -> random_vgg_face.Layers:
  return random_vgg_face.layers()


@pytest.fixture(scope="module")
def scores() -> keras.Model:
  return vgg_face.build("fc8")


def test_parameters(scores):
  # The three means are the centring's, not the network's.
  assert scores.count_params() == 145_002_878 + 3


def test_outputs(scores, layers):
  pixels = np.random.default_rng(0).uniform(
      0, 255, (1, 224, 224, 3)).astype(np.float32)
  found = vgg_face_files.Weights(vgg_face_files.DEEPFACE, layers)
  vgg_face.fill(scores, found)
  expected = scores(pixels).numpy()
  assert expected.shape == (1, 2622)
  prob = keras.Model(scores.input, keras.layers.Softmax()(scores.output))
  built = vgg_face.build("prob")
  vgg_face.fill(built, found)
  np.testing.assert_allclose(built(pixels), prob(pixels), atol=1e-6)
  del built, prob
  descriptor = vgg_face.build("fc7")
  vgg_face.fill(descriptor, found)
  unit = descriptor(pixels).numpy()
  assert unit.shape == (1, 4096) and unit.min() == 0
  assert np.linalg.norm(unit) == pytest.approx(1, abs=1e-5)
  # The scores are those of the descriptor before it was made a unit long.
  kernel, bias = scores.get_layer("fc8").get_weights()
  raw = keras.Model(scores.input, scores.get_layer("fc7").output)(pixels)
  np.testing.assert_allclose(unit[0], raw[0] / np.linalg.norm(raw), atol=1e-6)
  np.testing.assert_allclose(raw @ kernel + bias, expected, rtol=1e-3,
                             atol=0.05)


def test_centring_comes_before_padding(scores):
  means = np.array([129.1863, 104.7624, 93.5940], np.float32)
  centre = scores.get_layer("centre")
  centre.set_weights([means])
  pixels = np.tile(means, (1, 4, 4, 1))
  np.testing.assert_allclose(centre(pixels), 0, atol=1e-4)


@pytest.mark.parametrize("write, change, layout", [
    (random_vgg_face.write_deepface, {}, vgg_face_files.DEEPFACE),
    (random_vgg_face.write_keras_vggface, {}, vgg_face_files.KERAS_VGGFACE),
    (random_vgg_face.write_keras_vggface, {"names": ("W_1:0", "b_1:0")},
     vgg_face_files.KERAS_VGGFACE),
    (random_vgg_face.write_matconvnet, {}, vgg_face_files.MATCONVNET),
    (random_vgg_face.write_matconvnet, {"old": True},
     vgg_face_files.MATCONVNET),
], ids=["deepface", "keras-vggface", "old keras-vggface", "matconvnet",
        "old matconvnet"])
def test_every_layout_is_recognised_and_read(layers, tmp_path, write, change,
                                             layout):
  path = write(tmp_path / "no-name-to-go-by", layers, **change)
  found = vgg_face_files.read(path)
  path.unlink()
  assert found.layout == layout and list(found.layers) == list(layers)
  np.testing.assert_allclose(found.rgb_means, [129.1863, 104.7624, 93.5940])
  for name, (kernel, bias) in layers.items():
    read_kernel, read_bias = found.layers[name]
    assert np.array_equal(read_kernel.reshape(kernel.shape), kernel), name
    assert np.array_equal(read_bias, bias), name
  kernel = layers["conv1_1"][0]
  expected = kernel if layout.channels == "RGB" else kernel[:, :, ::-1]
  np.testing.assert_array_equal(
      found.to_rgb(found.layers["conv1_1"][0]), expected)


Write = Callable[[pathlib.Path, random_vgg_face.Layers], pathlib.Path]
_WRITERS = {"deepface": random_vgg_face.write_deepface,
            "keras-vggface": random_vgg_face.write_keras_vggface,
            "matconvnet": random_vgg_face.write_matconvnet}


@pytest.fixture(params=_WRITERS.values(), ids=_WRITERS.keys())
def write(request) -> Write:
  return request.param


def _refused(path: pathlib.Path, match: str) -> None:
  with pytest.raises(errors.UserError, match=match) as caught:
    vgg_face.check(path)
  assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def _small(layers: random_vgg_face.Layers) -> random_vgg_face.Layers:
  """The convolutions alone: 60 MB."""
  return {name: layers[name] for name in vgg_face_files.CONVOLUTIONS}


def test_numbers_that_are_not_finite(layers, write, tmp_path):
  kernel = layers["conv1_2"][0].copy()
  kernel[1, 2, 3, 4] = np.nan
  changed = {**layers, "conv1_2": (kernel, layers["conv1_2"][1])}
  _refused(write(tmp_path / "file", changed), "NaN or infinite")
  (tmp_path / "file").unlink()


def test_transposed_arrays(layers, write, tmp_path):
  kernel = layers["conv2_1"][0].transpose(0, 1, 3, 2)
  changed = {**layers, "conv2_1": (kernel, layers["conv2_1"][1])}
  _refused(write(tmp_path / "file", changed),
           r"shape \(3, 3, 128, 64\) instead of \(3, 3, 64, 128\)")
  (tmp_path / "file").unlink()


def test_layers_that_are_missing(layers, write, tmp_path):
  _refused(write(tmp_path / "file", _small(layers)), "is of another network")


def test_files_that_are_cut(layers, write, tmp_path):
  whole = write(tmp_path / "whole", _small(layers))
  cut = tmp_path / "cut"
  cut.write_bytes(whole.read_bytes()[:whole.stat().st_size // 2])
  _refused(cut, "is not a whole")


def test_other_mean_colour(layers, tmp_path):
  path = random_vgg_face.write_matconvnet(
      tmp_path / "file.mat", layers, means=(93.594, 104.7624, 129.1863))
  _refused(path, "mean colour")
  path.unlink()


def test_weights_of_facenet(facenet_weights):
  _refused(facenet_weights, "is of another network")


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
    file["conv2d_1"].create_dataset(
        "conv2d_1/bias:0", shape, h5py.vlen_dtype(np.uint8))
  _refused(path, "does not hold floating-point numbers")
  path.unlink()


@pytest.mark.parametrize("name", [
    "testfunc_7.4_GLNX86.mat", "some_functions.mat",
    "testobject_7.4_GLNX86.mat"])
def test_mat_files_with_functions_and_objects(name):
  data = pathlib.Path(matlab.__file__).parent / "tests" / "data"
  _refused(data / name, "holds functions or objects")


def test_networks_by_settings():
  for output, width in (("fc7", 4096), ("fc8", 2622), ("prob", 2622)):
    network = networks.of(EmbedderSettings(network="vgg_face", output=output))
    assert network.embedding_width == width and network.output == output
  assert networks.of(EmbedderSettings(network="vgg_face")).output == "fc7"
  with pytest.raises(errors.UserError, match="one output only"):
    networks.of(EmbedderSettings(output="fc7"))


def test_without_weights(monkeypatch, tmp_path):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path))
  for find in (weights.locate, weights.fingerprint):
    with pytest.raises(errors.UserError) as caught:
      find(EmbedderSettings(network="vgg_face"))
    said = str(caught.value)
    assert "non-commercial" in said and "vgg_face_weights.h5" in said
    assert "python -m pipeline fetch vgg-face" in said
    assert "--embedder facenet" in said and "\n" not in said


def test_installed_weights_are_found_and_checked(layers, monkeypatch,
                                                 tmp_path):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "cache"))
  path = random_vgg_face.write_keras_vggface(tmp_path / "rcmalli.h5", layers)
  assets.fetch("vgg-face", str(path), vgg_face.check)
  settings = EmbedderSettings(network="vgg_face")
  found = weights.locate(settings)
  assert weights.fingerprint(settings) == assets.sha256_of(path)
  path.unlink()
  with open(found, "r+b") as file:
    file.seek(1 << 20)
    file.write(b"other")
  with pytest.raises(errors.UserError, match="is damaged"):
    weights.locate(settings)
  found.unlink()


def test_what_does_not_fit_is_not_installed(layers, monkeypatch, tmp_path):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "cache"))
  path = random_vgg_face.write_deepface(tmp_path / "file.h5", _small(layers))
  with pytest.raises(errors.UserError, match="file.h5.*another network"):
    assets.fetch("vgg-face", str(path), vgg_face.check)
  assert assets.installed("vgg-face") is None


def test_layouts_tell_orders_apart():
  swapped = dataclasses.replace(vgg_face_files.DEEPFACE, channels="RGB")
  found = vgg_face_files.Weights(swapped, {})
  np.testing.assert_allclose(found.rgb_means, [93.5940, 104.7624, 129.1863])
