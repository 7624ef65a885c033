"""FaceNet with its real weights, and real photos."""

import pathlib
import shutil
from typing import Callable, List

import h5py
import keras
import pytest

from components.embedding_network import facenet

Changed = Callable[[Callable[[h5py.File], None]], pathlib.Path]


@pytest.fixture(scope="session")
def facenet_model(facenet_weights) -> keras.Model:
  model = facenet.build()
  facenet.load_weights(model, facenet_weights)
  return model


@pytest.fixture(scope="session")
def photos(sample_photos) -> List[bytes]:
  """16 photos of the split `labeled`, encoded."""
  return [(sample_photos / f"{number:06d}.jpg").read_bytes()
          for number in range(101, 117)]


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
