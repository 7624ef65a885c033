"""FaceEmbedder: what comes out for what goes in."""

import pathlib
import tempfile

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
from tfx import v1 as tfx
from tfx.dsl.components.base import base_beam_executor
from tfx.types import standard_artifacts

from components.embedding_engine.component import EmbeddingEngine
from components.face_embedder import embed, executor
from components.face_embedder.component import FaceEmbedder
from components.shared.artifacts import types as artifacts
from components.shared.core import errors
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.networks import engine_artifact, handler, saved_model
from components.shared.networks.engine_settings import EngineSettings
from tests import beam_options
from tests.components import bright_faces

_SPLITS = ("reserved", "training")


def _artifact(type_, uri):
  artifact = type_()
  artifact.uri = str(uri)
  return artifact


def _handler(
  network_uri: str, share: bool = False, handler_class=handler.FaceModelHandler
) -> handler.FaceModelHandler:
  return handler_class(
    bright_faces.engine(network_uri), network_uri, input_size=16, batch_size=8, share=share
  )


def _run(
  faces_uri: str, small_network_uri: str, target: pathlib.Path, *beam_args: str, batch_size: int = 8
) -> None:
  faces = _artifact(standard_artifacts.Examples, faces_uri)
  examples.set_splits(faces, _SPLITS)
  context = base_beam_executor.BaseBeamExecutor.Context(
    beam_pipeline_args=list(beam_args or beam_options.ONE_WORKER),
    tmp_dir=str(target) + "-tmp",
    unique_id="1",
  )
  embeddings = _artifact(standard_artifacts.Examples, target)
  executor.Executor(context).Do(
    {
      "faces": [faces],
      "network": [_artifact(standard_artifacts.Model, small_network_uri)],
      "engine": [_artifact(artifacts.Engine, bright_faces.engine(small_network_uri))],
    },
    {"embeddings": [embeddings]},
    {"settings": settings_lib.to_json(EngineSettings(batch_size=batch_size))},
  )
  assert embeddings.split_names == '["reserved", "training"]'


def _read(uri: str, split: str) -> dict[bytes, dict]:
  found = [examples.decode(record.numpy()) for record in examples.dataset(str(uri), split)]
  return {features["image_id"]: features for features in found}


def _files(uri: pathlib.Path) -> dict[str, bytes]:
  return {str(path.relative_to(uri)): path.read_bytes() for path in uri.rglob("*.gz")}


def _check(faces_uri: str, embeddings_uri: str, small_network_uri: str, atol: float = 0.01) -> None:
  """Everything but the image is as it was, and each embedding its own.

  Serving decodes JPEGs a little differently, so it is near, not equal.
  """
  embed_jpeg = tf.saved_model.load(saved_model.folder(small_network_uri)).signatures["embed_jpeg"]
  for split, count in zip(_SPLITS, (30, 45), strict=True):
    faces = _read(faces_uri, split)
    embedded = _read(embeddings_uri, split)
    assert embedded.keys() == faces.keys() and len(faces) == count
    for image_id, face in faces.items():
      expected = embed_jpeg(image=tf.constant([face.pop("image")]))
      np.testing.assert_allclose(
        embedded[image_id].pop("embedding"), expected["embedding"][0], atol=atol
      )
      assert embedded[image_id] == face


def test_each_photo_gets_its_own_embedding(faces_uri, small_network_uri, tmp_path):
  _run(faces_uri, small_network_uri, tmp_path / "out")
  _check(faces_uri, tmp_path / "out", small_network_uri)


def test_same_bytes_with_one_and_two_workers(faces_uri, small_network_uri, tmp_path):
  _run(faces_uri, small_network_uri, tmp_path / "one")
  _run(faces_uri, small_network_uri, tmp_path / "two", *beam_options.processes(2))
  assert len(_files(tmp_path / "one")) == 4
  assert _files(tmp_path / "one") == _files(tmp_path / "two")


def _components(faces_uri: str, small_network_uri: str) -> list:
  faces = tfx.dsl.Importer(
    source_uri=faces_uri,
    artifact_type=standard_artifacts.Examples,
    properties={"split_names": '["reserved", "training"]'},
  ).with_id("Faces")
  network = tfx.dsl.Importer(
    source_uri=small_network_uri, artifact_type=standard_artifacts.Model
  ).with_id("Network")
  settings = EngineSettings(kind="onnx_int8", batch_size=8, median_cosine=0.9, low_cosine=0.8)
  engine = EmbeddingEngine(
    faces=faces.outputs["result"], network=network.outputs["result"], settings=settings
  )
  return [
    faces,
    network,
    engine,
    FaceEmbedder(
      faces=faces.outputs["result"],
      network=network.outputs["result"],
      engine=engine.outputs["engine"],
      settings=settings,
    ),
  ]


def test_through_tfx(run_components, faces_uri, small_network_uri):
  run = run_components(_components(faces_uri, small_network_uri))
  (uri,) = run["FaceEmbedder"].outputs["embeddings"]
  _check(faces_uri, uri, small_network_uri, atol=0.05)
  (engine_uri,) = run["EmbeddingEngine"].outputs["engine"]
  assert engine_artifact.read(engine_uri).kind == "onnx_int8"
  again = run_components(_components(faces_uri, small_network_uri))
  assert again["EmbeddingEngine"].cached
  assert again["FaceEmbedder"].cached


def _spoiled(change):
  """A handler's method with a bug."""
  right = handler.FaceModelHandler.run_inference

  def run_inference(self, batch, model, inference_args=None):
    return change(right(self, batch, model, inference_args))

  return run_inference


def test_embeddings_that_are_not_those_of_their_photos_are_noticed(
  faces_uri, make_small_network, tmp_path, monkeypatch
):
  contrasts = np.random.default_rng(0).normal(size=[48, 6])
  network = make_small_network(contrasts - contrasts.mean(axis=0))
  _run(faces_uri, network, tmp_path / "sound")
  for change in (
    lambda found: found[1:] + found[:1],
    lambda found: [np.sort(embedding) for embedding in found],
  ):
    with monkeypatch.context() as patch:
      patch.setattr(handler.FaceModelHandler, "run_inference", _spoiled(change))
      with pytest.raises(errors.UserError) as caught:
        _run(faces_uri, network, tmp_path / "out")
    assert str(caught.value).startswith(
      "FaceEmbedder: the embeddings of split `reserved` are not what the "
      "face network says of the same photos: median cosine "
    )


def test_an_embedding_of_no_photo_is_noticed(faces_uri, small_network_uri, tmp_path, monkeypatch):
  encode = examples.encode
  monkeypatch.setattr(
    examples, "encode", lambda features: encode({**features, "image_id": b"other.jpg"})
  )
  with pytest.raises(errors.UserError, match="an embedding of other.jpg in"):
    _run(faces_uri, small_network_uri, tmp_path / "out")


def test_embeddings_that_are_not_numbers_name_their_photo(faces_uri, make_small_network, tmp_path):
  broken = make_small_network(np.full((48, 6), np.nan, np.float32))
  with pytest.raises(Exception, match=r"embedding of 000\d{3}\.jpg holds NaN"):
    _run(faces_uri, broken, tmp_path / "out")


def test_embeddings_of_another_width_are_refused(faces_uri, small_network_uri):
  face = next(iter(examples.dataset(faces_uri, "reserved"))).numpy()
  with pytest.raises(Exception, match=r"shape \(6,\) instead of \(7,\)"):
    with beam.Pipeline(argv=list(beam_options.ONE_WORKER)) as pipeline:
      _ = (
        pipeline
        | beam.Create([("reserved", face)])
        | embed.EmbedFaces(_handler(small_network_uri), width=7)
      )


def test_handler_keeps_order_and_batch(faces_uri, small_network_uri):
  images = [
    examples.decode(record.numpy())["image"]
    for record in examples.dataset(faces_uri, "reserved").take(8)
  ]
  subject = _handler(small_network_uri)
  assert subject.batch_elements_kwargs() == {"min_batch_size": 8, "max_batch_size": 8}
  engine = subject.load_model()
  whole = subject.run_inference(images, engine)
  assert [e.shape for e in whole] == [(6,)] * 8
  np.testing.assert_array_equal(subject.run_inference(images[::-1], engine), whole[::-1])
  np.testing.assert_array_equal(subject.run_inference(images[:3], engine), whole[:3])


class _CountingHandler(handler.FaceModelHandler):
  """Leaves a file behind each time an engine is loaded."""

  def load_model(self):
    with tempfile.NamedTemporaryFile(dir=self._network_uri, prefix="loaded-", delete=False):
      return super().load_model()


class _OnLogicalDevices(handler.FaceModelHandler):
  """Engines on two logical CPUs, as on two GPUs; each leaves behind a file
  with its weights' devices, and its process."""

  def load_model(self):
    (cpu,) = tf.config.list_physical_devices("CPU")
    if tf.config.get_logical_device_configuration(cpu) is None:
      tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    engine = super().load_model()
    devices = {v.device.rpartition(":")[2] for v in engine._loaded.face_network_weights}
    with tempfile.NamedTemporaryFile(
      "w", dir=self._network_uri, prefix="engine-", delete=False
    ) as file:
      file.write(" ".join(devices))
    return engine


@pytest.mark.slow
def test_worker_processes_share_an_engine_on_each_device(
  faces_uri, make_small_network, tmp_path, monkeypatch
):
  monkeypatch.setattr("tempfile.tempdir", None)
  monkeypatch.setenv("TMPDIR", str(tmp_path))  # Locks of this test alone.
  network_uri = make_small_network()
  bright_faces.engine(network_uri)
  faces = [record.numpy() for record in examples.dataset(faces_uri, "training")]
  devices = ("CPU:0", "CPU:1")
  with beam.Pipeline(argv=list(beam_options.processes(2))) as pipeline:
    _ = (
      pipeline
      | beam.Create([("training", face) for face in faces])
      | beam.Reshuffle()
      | embed.EmbedFaces(
        _OnLogicalDevices(
          f"{network_uri}/engine",
          network_uri,
          input_size=16,
          batch_size=8,
          share=True,
          devices=devices,
        ),
        width=6,
      )
    )
  engines = [path.read_text() for path in pathlib.Path(network_uri).glob("engine-*")]
  assert sorted(engines) == ["0", "1"]


@pytest.mark.slow
@pytest.mark.parametrize("share, loaded", [(True, 1), (False, 2)])
def test_worker_processes_share_one_engine(faces_uri, make_small_network, share, loaded):
  network_uri = make_small_network()
  faces = [record.numpy() for record in examples.dataset(faces_uri, "training")]
  with beam.Pipeline(argv=list(beam_options.processes(2))) as pipeline:
    _ = (
      pipeline
      | beam.Create([("training", face) for face in faces])
      | beam.Reshuffle()
      | embed.EmbedFaces(_handler(network_uri, share, _CountingHandler), width=6)
    )
  assert len(list(pathlib.Path(network_uri).glob("loaded-*"))) == loaded
