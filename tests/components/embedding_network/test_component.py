"""EmbeddingNetwork through TFX, and what can be done with its artifact."""

import subprocess
import sys

import h5py
import numpy as np
import pytest
import tensorflow as tf

from components.embedding_network.component import EmbeddingNetwork
from components.shared import assets
from components.shared.core import errors
from components.shared.networks import network_artifact, networks, saved_model
from components.shared.networks.settings import EmbedderSettings

_LOAD_WITHOUT_KERAS = """
import sys
sys.modules["keras"] = sys.modules["tf_keras"] = None
import tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
print(sorted(loaded.signatures))
"""


def _nodes(faces, settings):
  node = faces()
  return [node, EmbeddingNetwork(faces=node.outputs["result"], settings=settings)]


def test_through_tfx(run_components, facenet_model, photos, faces):
  settings = EmbedderSettings(depths=())
  run = run_components(_nodes(faces, settings))
  (uri,) = run["EmbeddingNetwork"].outputs["network"]

  assert network_artifact.read(uri) == network_artifact.Description(
    name="facenet",
    output="Bottleneck",
    input_size=160,
    embedding_width=128,
    weights_sha256=assets.ASSETS["facenet"].file_sha256,
    licence="the package says MIT",
    weights_layout="Keras",
    blocks={"Bottleneck": 128},
  )

  loaded = tf.saved_model.load(saved_model.folder(uri))
  pixels = networks.FACENET.decode_faces(tf.constant(photos))
  expected = facenet_model(pixels, training=False).numpy()
  for embedded in (
    loaded.signatures["embed_jpeg"](image=tf.constant(photos)),
    loaded.signatures["embed_pixels"](pixels=pixels),
  ):
    np.testing.assert_allclose(embedded["embedding"], expected, rtol=1e-4, atol=1e-4)

  signatures = subprocess.run(
    [sys.executable, "-c", _LOAD_WITHOUT_KERAS, saved_model.folder(uri)],
    check=True,
    capture_output=True,
    text=True,
  ).stdout
  assert "embed_jpeg" in signatures and "embed_pixels" in signatures

  again = run_components(_nodes(faces, settings))
  assert again["EmbeddingNetwork"].cached


def test_depths_beside_the_output(run_components, facenet_model, photos, faces):
  """Of each as many components as there are photos to tell, and 0 after them."""
  run = run_components(_nodes(faces, EmbedderSettings(components=20)))
  (uri,) = run["EmbeddingNetwork"].outputs["network"]
  found = network_artifact.read(uri)
  assert list(found.blocks.values()) == [20] * 4 and found.embedding_width == 80
  loaded = tf.saved_model.load(saved_model.folder(uri))
  pixels = networks.FACENET.decode_faces(tf.constant(photos))
  embedded, mirrored = (
    loaded.signatures["embed_pixels"](pixels=given)["embedding"].numpy()
    for given in (pixels, tf.reverse(pixels, [2]))
  )
  # A photo and its mirror image are the same.
  np.testing.assert_allclose(embedded, mirrored, atol=1e-4)
  # Pillow, which they were found by, and TensorFlow decode a little differently.
  np.testing.assert_allclose(embedded.mean(axis=0), 0, atol=0.01)
  for start in range(0, 80, 20):
    assert embedded[:, start : start + 20].var(axis=0).sum() == pytest.approx(1, abs=0.05)
    assert np.abs(embedded[:, start + 16 : start + 20]).max() < 0.01
  # The first depth is the network's own output, on other axes.
  both = np.concatenate([pixels, pixels[:, :, ::-1]])
  plain = facenet_model(both, training=False).numpy().reshape(2, len(photos), -1).mean(axis=0)
  plain = (plain - plain.mean(axis=0)) / plain.std(axis=0) / np.sqrt(128)
  np.testing.assert_allclose(embedded[:, :20] @ embedded[:, :20].T, plain @ plain.T, atol=0.05)


def test_other_weights_are_another_cache_key(changed, facenet_weights, faces):

  def key(settings: EmbedderSettings) -> str:
    return _nodes(faces, settings)[1].exec_properties["weights_sha256"]

  def change(file: h5py.File) -> None:
    file["model_weights/Bottleneck/Bottleneck/kernel:0"][0, 0] += 1

  copied = EmbedderSettings(weights=str(facenet_weights))
  other = EmbedderSettings(weights=str(changed(change)))
  assert key(copied) == key(EmbedderSettings()) != key(other)


def test_missing_weights_are_noticed_at_once(tmp_path, faces):
  settings = EmbedderSettings(weights=str(tmp_path / "none.h5"))
  with pytest.raises(errors.UserError, match="no such weights file"):
    _nodes(faces, settings)
