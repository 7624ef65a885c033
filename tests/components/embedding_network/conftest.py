"""FaceNet with its real weights, VGG-Face without, and real photos."""

import pathlib
import shutil
from collections.abc import Callable

import h5py
import keras
import pytest
from tfx import v1 as tfx

from components.shared.networks import facenet, vgg_face
from devtools.bench import faces as faces_lib
from tests.components.embedding_network import random_vgg_face

Changed = Callable[[Callable[[h5py.File], None]], pathlib.Path]


@pytest.fixture(scope="session")
def facenet_model(facenet_weights) -> keras.Model:
  model = facenet.build()
  facenet.load_weights(model, facenet_weights)
  return model


@pytest.fixture(scope="module")
def layers() -> random_vgg_face.Layers:
  """Random weights of a narrow VGG-Face, 9 MB."""
  return random_vgg_face.narrow_layers()


@pytest.fixture(scope="module")
def vgg_face_model() -> keras.Model:
  """VGG-Face with all its outputs, to be filled."""
  return vgg_face.build_all()


@pytest.fixture(scope="session")
def photos(sample_photos) -> list[bytes]:
  """16 photos of the split `labeled`, encoded."""
  return [(sample_photos / f"{number:06d}.jpg").read_bytes() for number in range(101, 117)]


@pytest.fixture
def faces(photos, tmp_path) -> Callable[[], tfx.dsl.Importer]:
  """faces(): a node that gives the photos as Examples; a new one each time."""
  folder = tmp_path / "faces"
  faces_lib.write(folder, photos, len(photos))
  return lambda: tfx.dsl.Importer(
    source_uri=str(folder),
    artifact_type=tfx.types.standard_artifacts.Examples,
    properties={"split_names": '["training"]'},
  ).with_id("Faces")


@pytest.fixture
def changed(facenet_weights, tmp_path) -> Changed:
  """changed(change): a copy of FaceNet's weights file, changed."""

  def _changed(change: Callable[[h5py.File], None]) -> pathlib.Path:
    copy = tmp_path / "changed.h5"
    shutil.copyfile(facenet_weights, copy)
    with h5py.File(copy, "r+") as file:
      change(file)
    return copy

  return _changed
