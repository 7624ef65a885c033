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


def test_through_tfx(run_components, facenet_model, photos):
  settings = EmbedderSettings()
  run = run_components([EmbeddingNetwork(settings=settings)])
  (uri,) = run["EmbeddingNetwork"].outputs["network"]

  assert network_artifact.read(uri) == network_artifact.Description(
    name="facenet",
    output="Bottleneck",
    input_size=160,
    embedding_width=128,
    weights_sha256=assets.ASSETS["facenet"].file_sha256,
    licence="the package says MIT",
    weights_layout="Keras",
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

  again = run_components([EmbeddingNetwork(settings=settings)])
  assert again["EmbeddingNetwork"].cached


def test_other_weights_are_another_cache_key(changed, facenet_weights):

  def key(settings: EmbedderSettings) -> str:
    return EmbeddingNetwork(settings=settings).exec_properties["weights_sha256"]

  def change(file: h5py.File) -> None:
    file["model_weights/Bottleneck/Bottleneck/kernel:0"][0, 0] += 1

  copied = EmbedderSettings(weights=str(facenet_weights))
  other = EmbedderSettings(weights=str(changed(change)))
  assert key(copied) == key(EmbedderSettings()) != key(other)


def test_missing_weights_are_noticed_at_once(tmp_path):
  settings = EmbedderSettings(weights=str(tmp_path / "none.h5"))
  with pytest.raises(errors.UserError, match="no such weights file"):
    EmbeddingNetwork(settings=settings)
