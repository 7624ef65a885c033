"""Running a few components through TFX; a small face network, and faces."""

import pathlib
from collections.abc import Callable, Sequence

import keras
import numpy as np
import pytest
import tensorflow as tf
from tfx import v1 as tfx
from tfx.dsl.components.base import base_node

from components.shared.data import examples
from components.shared.networks import network_artifact, networks
from pipeline import lineage
from tests import beam_options
from tests.components import bright_faces

SMALL_WIDTH = 6
RunComponents = Callable[..., dict[str, lineage.ComponentRun]]


@pytest.fixture
def run_components(tmp_path: pathlib.Path) -> RunComponents:
  """run_components(components): what became of each, by component id.

  A second call within a test finds the first one's results in the cache, if
  its components are new objects: TFX does not take one into two pipelines.
  """
  root = tmp_path / "pipeline_root"

  def _run(components: Sequence[base_node.BaseNode]) -> dict[str, lineage.ComponentRun]:
    connection = tfx.orchestration.metadata.sqlite_metadata_connection_config(
      str(root / "metadata.sqlite")
    )
    pipeline = tfx.dsl.Pipeline(
      pipeline_name="test",
      pipeline_root=str(root),
      enable_cache=True,
      components=list(components),
      metadata_connection_config=connection,
      beam_pipeline_args=list(beam_options.ONE_WORKER),
    )
    tfx.orchestration.LocalDagRunner().run(pipeline)
    return lineage.latest_run(connection, "test")

  return _run


def _small_network() -> keras.Model:
  pixels = keras.Input((16, 16, 3))
  x = keras.layers.Rescaling(1 / 255)(pixels)
  x = keras.layers.Conv2D(
    3,
    3,
    2,
    padding="same",
    activation="relu",
    name="convolution",
    kernel_initializer=keras.initializers.RandomNormal(stddev=0.2, seed=2),
  )(x)
  x = keras.layers.AveragePooling2D(2)(x)
  x = keras.layers.Flatten()(x)
  x = keras.layers.Dense(SMALL_WIDTH, kernel_initializer=keras.initializers.RandomNormal(seed=1))(x)
  return keras.Model(pixels, x)


@pytest.fixture(scope="session")
def make_small_network(tmp_path_factory) -> Callable[..., str]:
  """make_small_network(kernel=None): URI of an exported network."""

  def _make(kernel: np.ndarray = None) -> str:
    network = networks.FaceNetwork(
      name="small",
      output="dense",
      input_size=16,
      embedding_width=SMALL_WIDTH,
      licence="none",
      build=_small_network,
    )
    model = network.build()
    if kernel is not None:
      model.layers[-1].set_weights([kernel, np.zeros(SMALL_WIDTH)])
    uri = tmp_path_factory.mktemp("network")
    network_artifact.write(network, model, "0" * 64, str(uri))
    return str(uri)

  return _make


@pytest.fixture(scope="session")
def small_network_uri(make_small_network) -> str:
  return make_small_network()


@pytest.fixture(scope="session")
def faces_uri(tmp_path_factory, sample_photos) -> str:
  """Examples: 30 photos in `reserved`, 45 in `training`, two files each."""
  uri = tmp_path_factory.mktemp("faces")
  photos = sorted(sample_photos.iterdir())[100:175]
  for split, chosen in (("reserved", photos[:30]), ("training", photos[30:])):
    folder = pathlib.Path(examples.split_folder(str(uri), split))
    folder.mkdir()
    for part in range(2):
      path = folder / f"data_tfrecord-{part:05d}-of-00002.gz"
      with tf.io.TFRecordWriter(str(path), tf.io.TFRecordOptions("GZIP")) as writer:
        for i, photo in enumerate(chosen[part::2]):
          writer.write(
            examples.encode(
              {
                "image_id": photo.name.encode(),
                "image": photo.read_bytes(),
                "domain": examples.REAL,
                "Smiling": i % 2,
                "label_Male": i % 2 if split == "reserved" else None,
              }
            )
          )
  return str(uri)


@pytest.fixture(scope="session")
def arithmetic() -> tf.Module:
  return bright_faces.Arithmetic()


@pytest.fixture(scope="session")
def model_uri(tmp_path_factory, arithmetic) -> str:
  return bright_faces.save(arithmetic, tmp_path_factory.mktemp("model"), "encode", "decode")


@pytest.fixture(scope="session")
def decoder_uri(tmp_path_factory, arithmetic) -> str:
  """A generator without an encoder."""
  return bright_faces.save(arithmetic, tmp_path_factory.mktemp("decoder"), "decode")


@pytest.fixture(scope="session")
def bright_faces_uri(tmp_path_factory) -> str:
  return bright_faces.write_faces(tmp_path_factory.mktemp("faces"))


@pytest.fixture(scope="session")
def bright_embeddings_uri(tmp_path_factory, bright_faces_uri, small_network_uri) -> str:
  return bright_faces.write_embeddings(
    bright_faces_uri, small_network_uri, tmp_path_factory.mktemp("embeddings")
  )
