"""A small network, exported as the large ones are, and faces to embed."""

import pathlib
from typing import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from components import examples
from components.embedding_network import networks
from components.embedding_network import saved_model

WIDTH = 6


def _build() -> keras.Model:
  pixels = keras.Input((16, 16, 3))
  x = keras.layers.Rescaling(1 / 255)(pixels)
  x = keras.layers.AveragePooling2D(4)(x)
  x = keras.layers.Flatten()(x)
  x = keras.layers.Dense(
      WIDTH, kernel_initializer=keras.initializers.RandomNormal(seed=1))(x)
  return keras.Model(pixels, x)


@pytest.fixture(scope="session")
def make_network(tmp_path_factory) -> Callable[..., str]:
  """make_network(kernel=None): URI of an exported network."""
  def _make(kernel: np.ndarray = None) -> str:
    network = networks.FaceNetwork(
        name="small", input_size=16, embedding_width=WIDTH, licence="none",
        asset=None, build=_build, load_weights=lambda model, path: None)
    model = network.build()
    if kernel is not None:
      model.layers[-1].set_weights([kernel, np.zeros(WIDTH)])
    uri = tmp_path_factory.mktemp("network")
    saved_model.write(network, model, "0" * 64, str(uri))
    return str(uri)
  return _make


@pytest.fixture(scope="session")
def network_uri(make_network) -> str:
  return make_network()


@pytest.fixture(scope="session")
def faces_uri(tmp_path_factory, sample_photos) -> str:
  """Examples: 30 photos in `labeled`, 45 in `unlabeled`, two files each."""
  uri = tmp_path_factory.mktemp("faces")
  photos = sorted(sample_photos.iterdir())[100:175]
  for split, chosen in (("labeled", photos[:30]), ("unlabeled", photos[30:])):
    folder = pathlib.Path(examples.split_folder(str(uri), split))
    folder.mkdir()
    for part in range(2):
      path = folder / f"data_tfrecord-{part:05d}-of-00002.gz"
      with tf.io.TFRecordWriter(
          str(path), tf.io.TFRecordOptions("GZIP")) as writer:
        for i, photo in enumerate(chosen[part::2]):
          writer.write(examples.encode({
              "image_id": photo.name.encode(), "image": photo.read_bytes(),
              "domain": examples.REAL, "Smiling": i % 2,
              "label": i % 2 if split == "labeled" else None}))
  return str(uri)
