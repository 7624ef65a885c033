"""FaceEmbedder: what comes out for what goes in."""

import pathlib
from typing import Dict

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
from tfx import v1 as tfx
from tfx.dsl.components.base import base_beam_executor
from tfx.types import standard_artifacts

from components import examples
from components import settings as settings_lib
from components.embedding_network import saved_model
from components.embedding_network.settings import EmbedderSettings
from components.face_embedder import embed
from components.face_embedder import executor
from components.face_embedder import handler
from components.face_embedder.component import FaceEmbedder

_SPLITS = ("labeled", "unlabeled")
_IN_MEMORY = ("--runner=FnApiRunner", "--direct_running_mode=in_memory")


def _artifact(type_, uri):
  artifact = type_()
  artifact.uri = str(uri)
  return artifact


def _run(faces_uri: str, network_uri: str, target: pathlib.Path,
         *beam_args: str, batch_size: int = 8) -> None:
  faces = _artifact(standard_artifacts.Examples, faces_uri)
  examples.set_splits(faces, _SPLITS)
  context = base_beam_executor.BaseBeamExecutor.Context(
      beam_pipeline_args=list(beam_args or _IN_MEMORY),
      tmp_dir=str(target) + "-tmp", unique_id="1")
  embeddings = _artifact(standard_artifacts.Examples, target)
  executor.Executor(context).Do(
      {"faces": [faces],
       "network": [_artifact(standard_artifacts.Model, network_uri)]},
      {"embeddings": [embeddings]},
      {"settings": settings_lib.to_json(
          EmbedderSettings(batch_size=batch_size))})
  assert embeddings.split_names == '["labeled", "unlabeled"]'


def _read(uri: str, split: str) -> Dict[bytes, dict]:
  found = [examples.decode(record.numpy())
           for record in examples.dataset(str(uri), split)]
  return {features["image_id"]: features for features in found}


def _files(uri: pathlib.Path) -> Dict[str, bytes]:
  return {str(path.relative_to(uri)): path.read_bytes()
          for path in uri.rglob("*.gz")}


def _check(faces_uri: str, embeddings_uri: str, network_uri: str) -> None:
  """Everything but the image is as it was, and each embedding its own."""
  embed_jpeg = tf.saved_model.load(
      saved_model.folder(network_uri)).signatures["embed_jpeg"]
  for split, count in zip(_SPLITS, (30, 45)):
    faces = _read(faces_uri, split)
    embedded = _read(embeddings_uri, split)
    assert embedded.keys() == faces.keys() and len(faces) == count
    for image_id, face in faces.items():
      expected = embed_jpeg(image=tf.constant([face.pop("image")]))
      np.testing.assert_allclose(
          embedded[image_id].pop("embedding"), expected["embedding"][0],
          rtol=1e-5, atol=1e-6)
      assert embedded[image_id] == face


def test_each_photo_gets_its_own_embedding(faces_uri, network_uri, tmp_path):
  _run(faces_uri, network_uri, tmp_path / "out")
  _check(faces_uri, tmp_path / "out", network_uri)


def test_same_bytes_with_one_and_two_workers(faces_uri, network_uri,
                                             tmp_path):
  _run(faces_uri, network_uri, tmp_path / "one")
  _run(faces_uri, network_uri, tmp_path / "two", "--runner=FnApiRunner",
       "--direct_num_workers=2", "--direct_running_mode=multi_processing")
  assert len(_files(tmp_path / "one")) == 4
  assert _files(tmp_path / "one") == _files(tmp_path / "two")


def _components(faces_uri: str, network_uri: str) -> list:
  faces = tfx.dsl.Importer(
      source_uri=faces_uri, artifact_type=standard_artifacts.Examples,
      properties={"split_names": '["labeled", "unlabeled"]'}
  ).with_id("Faces")
  network = tfx.dsl.Importer(
      source_uri=network_uri, artifact_type=standard_artifacts.Model
  ).with_id("Network")
  return [faces, network, FaceEmbedder(
      faces=faces.outputs["result"], network=network.outputs["result"],
      settings=EmbedderSettings(batch_size=8))]


def test_through_tfx(run_components, faces_uri, network_uri):
  run = run_components(_components(faces_uri, network_uri))
  uri, = run["FaceEmbedder"].outputs["embeddings"]
  _check(faces_uri, uri, network_uri)
  again = run_components(_components(faces_uri, network_uri))
  assert again["FaceEmbedder"].cached


def test_embeddings_that_are_not_numbers_name_their_photo(
    faces_uri, make_network, tmp_path):
  broken = make_network(np.full((48, 6), np.nan, np.float32))
  with pytest.raises(Exception, match=r"embedding of 000\d{3}\.jpg holds NaN"):
    _run(faces_uri, broken, tmp_path / "out")


def test_embeddings_of_another_width_are_refused(faces_uri, network_uri):
  face = next(iter(examples.dataset(faces_uri, "labeled"))).numpy()
  with pytest.raises(Exception, match=r"shape \(6,\) instead of \(7,\)"):
    with beam.Pipeline(argv=list(_IN_MEMORY)) as pipeline:
      _ = (pipeline | beam.Create([("labeled", face)])
           | embed.EmbedFaces(network_uri, batch_size=8, width=7))


def test_handler_keeps_order_and_batch(faces_uri, network_uri):
  images = [examples.decode(record.numpy())["image"]
            for record in examples.dataset(faces_uri, "labeled").take(8)]
  subject = handler.FaceModelHandler(network_uri, 8)
  assert subject.batch_elements_kwargs() == {"min_batch_size": 8,
                                             "max_batch_size": 8}
  engine = subject.load_model()
  whole = subject.run_inference(images, engine)
  assert [e.shape for e in whole] == [(6,)] * 8
  np.testing.assert_array_equal(
      subject.run_inference(images[::-1], engine), whole[::-1])
  np.testing.assert_array_equal(
      subject.run_inference(images[:3], engine), whole[:3])
