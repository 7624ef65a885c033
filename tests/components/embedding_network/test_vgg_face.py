"""VGG-Face: its shape, its outputs, where its weights are; all random."""

import os

import numpy as np
import pytest
from scipy import special

from components.shared import assets
from components.shared.core import errors
from components.shared.networks import networks, vgg_face, vgg_face_files, weights
from components.shared.networks.settings import EmbedderSettings
from tests.components.embedding_network import random_vgg_face


def test_parameters(vgg_face_model):
  # The three means are the centring's, not the network's.
  assert vgg_face_model.count_params() == 145_002_878 + 3


@pytest.mark.slow
def test_outputs(vgg_face_model):
  model = vgg_face_model
  vgg_face.fill(model, vgg_face_files.Weights(vgg_face_files.DEEPFACE, random_vgg_face.layers()))
  pixels = np.random.default_rng(0).uniform(0, 255, (1, 224, 224, 3)).astype(np.float32)
  outputs = {}
  for output, width in networks.VGG_FACE_WIDTHS.items():
    outputs[output] = vgg_face.with_output(model, output)(pixels).numpy()
    assert outputs[output].shape == (1, width)
  np.testing.assert_allclose(outputs["prob"], special.softmax(outputs["fc8"]), rtol=1e-4)
  assert outputs["fc7"].min() == 0
  assert np.linalg.norm(outputs["fc7"]) == pytest.approx(1, abs=1e-5)


def test_centring():
  means = np.array([129.1863, 104.7624, 93.5940], np.float32)
  centre = vgg_face.Centre()
  pixels = np.tile(means, (1, 4, 4, 1))
  centre.build(pixels.shape)
  centre.set_weights([means])
  np.testing.assert_allclose(centre(pixels), 0, atol=1e-4)


def test_networks_by_settings():
  for output, width in (("fc7", 4096), ("fc8", 2622), ("prob", 2622)):
    network = networks.of(EmbedderSettings(network="vgg_face", output=output, depths=()))
    assert network.embedding_width == width and network.output == output
  assert networks.of(EmbedderSettings(network="vgg_face")).output == "fc7"
  with pytest.raises(errors.UserError, match="facenet has the output Bottleneck"):
    networks.named("facenet", "fc7")


def test_without_weights(monkeypatch, tmp_path):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path))
  for find in (weights.locate, weights.fingerprint):
    with pytest.raises(errors.UserError) as caught:
      find(EmbedderSettings(network="vgg_face"))
    said = str(caught.value)
    assert "non-commercial" in said
    assert "python -m pipeline fetch vgg-face" in said
    assert "--embedder facenet" in said and "\n" not in said


@pytest.mark.slow
def test_installed_weights_are_found_and_checked(random_vgg_face_weights, monkeypatch, tmp_path):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "cache"))
  path = tmp_path / "weights.h5"
  os.link(random_vgg_face_weights, path)
  assets.fetch("vgg-face", str(path), networks.named("vgg_face").check_weights)
  settings = EmbedderSettings(network="vgg_face")
  found = weights.locate(settings).path
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
  path = random_vgg_face.write_deepface(tmp_path / "file.h5", random_vgg_face.convolutions(layers))
  with pytest.raises(errors.UserError, match="file.h5.*another network"):
    assets.fetch("vgg-face", str(path), networks.named("vgg_face").check_weights)
  assert assets.installed("vgg-face") is None


def test_hashes_of_published_files():
  assert networks.of(EmbedderSettings(network="vgg_face")).known_sha256 == (
    assets.ASSETS["vgg-face"].file_sha256,
  )
