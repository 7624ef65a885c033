"""Our VGG-Face against two that others wrote: same weights, same outputs.

The weights are random, of the true shapes. `published_networks` runs the code
of the packages deepface and keras-vggface, with their own preprocessing.
"""

import dataclasses
import pathlib
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from PIL import Image

from components.shared.networks import networks, vgg_face, vgg_face_files
from tests.components.embedding_network import published_networks, random_vgg_face

pytestmark = pytest.mark.slow

Outputs = Mapping[str, np.ndarray]

# Largest difference, in units of the largest value.
_EQUAL = 1e-4
_CLEARLY_OTHER = 100 * _EQUAL


@pytest.fixture(scope="module")
def faces(sample_photos) -> np.ndarray:
  """Two faces, float32 [2, 224, 224, 3], RGB, 0 to 255; one in odd colours."""
  photos = []
  for number in (101, 102):
    with Image.open(sample_photos / f"{number:06d}.jpg") as image:
      photos.append(np.asarray(image.resize((224, 224)), np.float32))
  photos[1][..., 2] = 255 - photos[1][..., 2]
  return np.stack(photos)


@pytest.fixture(scope="module")
def published(faces, random_vgg_face_weights, tmp_path_factory) -> dict[str, Outputs]:
  """Outputs of the published networks, by the name of the package.

  What each saves again is read by ours, and is what it was given.
  """
  folder = tmp_path_factory.mktemp("published")
  ours, theirs = folder / "ours.h5", folder / "theirs.h5"
  deepface = published_networks.deepface(random_vgg_face_weights, faces, theirs)
  _check_same(theirs, random_vgg_face_weights)
  theirs.unlink()
  random_vgg_face.write_keras_vggface(ours, vgg_face_files.read(random_vgg_face_weights).layers)
  keras_vggface = published_networks.keras_vggface(ours, faces, theirs)
  _check_same(theirs, ours)
  theirs.unlink()
  ours.unlink()
  fc7 = keras_vggface["fc7"]  # The package leaves the length to its user.
  keras_vggface["fc7"] = fc7 / np.linalg.norm(fc7, axis=1, keepdims=True)
  return {"deepface": deepface, "keras-vggface": keras_vggface}


def _check_same(theirs: pathlib.Path, ours: pathlib.Path) -> None:
  saved, given = vgg_face_files.read(theirs), vgg_face_files.read(ours)
  assert saved.layout == given.layout
  assert saved.layers.keys() == given.layers.keys()
  for name, arrays in given.layers.items():
    assert all(map(np.array_equal, saved.layers[name], arrays)), name


@pytest.fixture(
  scope="module",
  params=[vgg_face_files.DEEPFACE, vgg_face_files.KERAS_VGGFACE, vgg_face_files.MATCONVNET],
  ids=lambda layout: layout.name,
)
def weights(request, random_vgg_face_weights, tmp_path_factory) -> vgg_face_files.Weights:
  """The same weights out of a file of each layout."""
  if request.param == vgg_face_files.DEEPFACE:
    return vgg_face_files.read(random_vgg_face_weights)
  path = tmp_path_factory.mktemp("layout") / "weights"
  layers = dict(vgg_face_files.read(random_vgg_face_weights).layers)
  if request.param == vgg_face_files.KERAS_VGGFACE:
    random_vgg_face.write_keras_vggface(path, layers)
  else:
    kernel, bias = layers["conv1_1"]  # It is for BGR, as the packages feed.
    layers["conv1_1"] = kernel[:, :, ::-1], bias
    random_vgg_face.write_matconvnet(path, layers)
  del layers
  read = vgg_face_files.read(path)
  path.unlink()
  assert read.layout == request.param
  return read


@pytest.fixture(scope="module")
def outputs_of(vgg_face_model, faces) -> Callable[[vgg_face_files.Weights], Outputs]:
  """outputs_of(weights): what our network gives for the faces."""

  def _outputs(weights: vgg_face_files.Weights) -> Outputs:
    vgg_face.fill(vgg_face_model, weights)
    return vgg_face_model.predict_on_batch(faces)

  return _outputs


def _differences(ours: Outputs, theirs: Outputs) -> dict[str, float]:
  """By output: largest difference, in units of the largest value."""
  assert ours.keys() == theirs.keys() == networks.VGG_FACE_WIDTHS.keys()
  found = {}
  for name, width in networks.VGG_FACE_WIDTHS.items():
    assert ours[name].shape == theirs[name].shape == (2, width)
    found[name] = np.abs(ours[name] - theirs[name]).max() / np.abs(theirs[name]).max()
  return found


def test_outputs_tell_faces_apart(published):
  """Neither vanishing nor saturated: else any network would do."""
  for outputs in published.values():
    assert outputs["prob"].max() < 0.99 and outputs["fc8"].std() > 0.1
    one, other = outputs["fc7"]
    assert 0.1 < np.mean(one > 0) < 0.9 and one @ other < 0.99


@pytest.mark.parametrize("package", ["deepface", "keras-vggface"])
def test_outputs_are_theirs(weights, outputs_of, published, package):
  differences = _differences(outputs_of(weights), published[package])
  assert max(differences.values()) < _EQUAL, differences


@pytest.mark.parametrize("wrong", ["channels", "means", "both", "no means"])
def test_a_wrong_layout_shows(weights, outputs_of, published, wrong):
  layout = weights.layout
  other = {
    # `means` go with `channels`: to turn the kernel alone, turn both.
    "channels": dataclasses.replace(
      layout, channels=layout.channels[::-1], means=layout.means[::-1]
    ),
    "means": dataclasses.replace(layout, means=layout.means[::-1]),
    "both": dataclasses.replace(layout, channels=layout.channels[::-1]),
    "no means": dataclasses.replace(layout, means=(0, 0, 0)),
  }[wrong]
  outputs = outputs_of(dataclasses.replace(weights, layout=other))
  for theirs in published.values():
    differences = _differences(outputs, theirs)
    assert min(differences.values()) > _CLEARLY_OTHER, differences
