"""Generators as they come, photos as they are read, and all through TFX."""

import dataclasses
import json
import os

import numpy as np
import pytest
import tensorflow as tf
from tfx import v1 as tfx
from tfx.types import standard_artifacts

from components.latent_codes import component as codes_component
from components.latent_codes import encoding
from components.latent_codes.settings import SampleSettings
from components.latent_directions import component, executor, photos
from components.shared.artifacts import latent_codes
from components.shared.artifacts import types as artifacts
from components.shared.core import errors
from components.shared.data import folds
from components.shared.generators import generator
from components.shared.learning import directions, latents, scorer
from components.shared.learning.direction_settings import DirectionSettings
from components.shared.learning.propagation_settings import PropagationSettings
from components.shared.networks.engine_settings import EngineSettings
from tests.components import bright_faces

_FEW = DirectionSettings(samples=120)


@pytest.fixture(scope="module")
def codes(bright_faces_uri, model_uri) -> latent_codes.LatentCodes:
  """Photos in the generator's latent space, without samples."""
  encoded, image_ids = encoding.encode(bright_faces_uri, generator.Generator(model_uri))
  return latent_codes.LatentCodes(encoded, image_ids, np.zeros([0, 4]), np.zeros([0, 6]))


def test_pool_uses_held_out_labels_and_labeled_does_not(codes, bright_embeddings_uri):
  for labels, known in (("labeled", 30), ("pool", 70)):
    settings = DirectionSettings(labels=labels)
    found = photos.label(codes, bright_embeddings_uri, ["Male"], settings)["Male"]
    assert len(found.codes) == 70
    assert (found.labels != latents.UNKNOWN).sum() == known
    read = photos.read(bright_embeddings_uri, ["Male"], settings)["Male"]
    assert len(read.labels) == len(read.labeled) == known
    assert len(read.unlabeled) == 70 - known
    assert read.fold_numbers() == [0, 1, 2, 3, 4]
    assert np.sum(read.folds == folds.NO_FOLD) == known - 30


def test_of_many_unlabeled_photos_some_are_drawn(bright_embeddings_uri):
  read = photos.read(
    bright_embeddings_uri,
    ["Male"],
    DirectionSettings(propagation=PropagationSettings(max_photos=15)),
  )["Male"]
  assert len(read.unlabeled) == 15 and len(read.labeled) == 30
  assert len(np.unique(read.unlabeled, axis=0)) == 15


def test_latents_file(tmp_path):
  one = latents.Latents(
    codes=np.ones([3, 2], np.float32),
    labels=np.array([0, 1, -1], np.int8),
    folds=np.array([1, 0, -1]),
    image_ids=np.array([b"a.jpg", b"bc.jpg", b"d.jpg"]),
  )
  other = dataclasses.replace(one, labels=np.array([1, 1, 0], np.int8))
  latents.write({"Male": one, "5 o'clock/Shadow": other}, str(tmp_path / "latents.npz"))
  read = latents.read(str(tmp_path / "latents.npz"))
  assert list(read) == ["Male", "5 o'clock/Shadow"]
  for written, found in zip((one, other), read.values(), strict=True):
    np.testing.assert_array_equal(found.codes, written.codes)
    np.testing.assert_array_equal(found.labels, written.labels)
    np.testing.assert_array_equal(found.folds, written.folds)
    np.testing.assert_array_equal(found.image_ids, written.image_ids)


def test_labels_belong_to_their_photos(codes, bright_embeddings_uri):
  """Each attribute has its own labels; photos are shared."""
  found = photos.label(codes, bright_embeddings_uri, ["Male", "Nowhere"], _FEW)
  assert found["Male"].codes is found["Nowhere"].codes
  assert (found["Nowhere"].labels == latents.UNKNOWN).all()
  means = [found["Male"].of_class(label)[:, 0].mean() for label in (0, 1)]
  assert means[0] < means[1]  # Code 0 is the brightness.
  for image_id, label in zip(found["Male"].image_ids, found["Male"].labels, strict=True):
    number = int(image_id.strip(b".jpgunlabeld"))
    assert label == (number % 2 if image_id.startswith(b"labeled") else latents.UNKNOWN)


def test_other_labels_for_the_same_codes():
  one = latents.Latents(
    codes=np.arange(6.0).reshape(3, 2),
    labels=np.array([0, 1, -1], np.int8),
    folds=np.array([1, 0, -1]),
    image_ids=np.array([b"a", b"b", b"c"]),
  )
  other = one.relabeled({b"c": 1, b"a": 0}, {b"c": 4})
  np.testing.assert_array_equal(other.labels, [0, -1, 1])
  np.testing.assert_array_equal(other.folds, [-1, -1, 4])
  np.testing.assert_array_equal(other.codes, one.codes)


def test_a_generator_without_encoder_encodes_no_photo(decoder_uri, bright_faces_uri):
  loaded = generator.Generator(decoder_uri)
  assert not loaded.has_encoder
  assert (loaded.image_size, loaded.latent_size) == (16, 4)
  found, image_ids = encoding.encode(bright_faces_uri, loaded)
  assert found.shape == (0, 4) and not len(image_ids)
  mean, root = latents.gaussian(found)
  np.testing.assert_array_equal(mean, np.zeros(4))
  np.testing.assert_array_equal(root, np.eye(4))


def _saved(path, **signatures) -> str:
  tf.saved_model.save(tf.Module(), str(path / "Format-Serving"), signatures=signatures)
  return str(path)


def _identity(name: str, output: str, *shape: int):
  return tf.function(
    lambda **values: {output: values[name]}, input_signature=None
  ).get_concrete_function(**{name: tf.TensorSpec([None, *shape], tf.float32, name=name)})


def test_a_generator_that_cannot_decode_is_refused(tmp_path):
  uri = _saved(tmp_path, encode=_identity("image", "mean", 3))
  with pytest.raises(errors.UserError, match="no signature `decode`; it has"):
    generator.Generator(uri)


def test_a_model_of_another_kind_is_refused(tmp_path):
  uri = _saved(tmp_path, decode=_identity("x", "y", 3))
  with pytest.raises(errors.UserError, match="must decode code"):
    generator.Generator(uri)


def test_an_encoder_of_another_image_size_is_refused(tmp_path, arithmetic):
  wrong = _identity("image", "mean", 8, 8, 3)
  tf.saved_model.save(
    arithmetic,
    str(tmp_path / "Format-Serving"),
    signatures={"decode": arithmetic.decode, "encode": wrong},
  )
  with pytest.raises(errors.UserError, match="must encode such an image"):
    generator.Generator(str(tmp_path))


def test_through_tfx_and_from_the_cache(
  run_components, bright_faces_uri, bright_embeddings_uri, model_uri, small_network_uri
):
  def importer(name, uri, type_):
    properties = None
    if type_ is standard_artifacts.Examples:
      splits = ["labeled", "unlabeled"] if name == "embeddings" else ["reserved", "training"]
      properties = {"split_names": json.dumps(splits)}
    return tfx.dsl.Importer(source_uri=uri, artifact_type=type_, properties=properties).with_id(
      name
    )

  def made():
    inputs = {
      "faces": importer("faces", bright_faces_uri, standard_artifacts.Examples),
      "embeddings": importer("embeddings", bright_embeddings_uri, standard_artifacts.Examples),
      "model": importer("model", model_uri, standard_artifacts.Model),
      "network": importer("network", small_network_uri, standard_artifacts.Model),
      "engine": importer("engine", bright_faces.engine(small_network_uri), artifacts.Engine),
    }
    results = {name: node.outputs["result"] for name, node in inputs.items()}
    labeled = results.pop("embeddings")
    drawn = codes_component.LatentCodes(
      **results,
      settings=SampleSettings(samples=_FEW.samples, seed=_FEW.seed),
      engine_settings=EngineSettings(),
    )
    found = component.LatentDirections(
      codes=drawn.outputs["codes"], embeddings=labeled, settings=_FEW, attributes=["Male"]
    )
    return run_components([*inputs.values(), drawn, found])

  (first, again) = (run["LatentDirections"] for run in (made(), made()))
  assert not first.cached and again.cached
  folder = first.outputs["directions"][0]
  found = directions.overall(os.path.join(folder, executor.DIRECTIONS))["Male"]
  assert (found.attribute, found.positives, found.negatives) == ("Male", 15, 15)
  assert found.scorer_auc > 0.9 and found.separation_auc > 0.9
  assert found.unit[0] > 0.9  # Code 0 is the brightness.
  assert len(scorer.read(os.path.join(folder, executor.SCORERS))["Male"]) == 6
  assert len(latents.read(os.path.join(folder, executor.LATENTS))["Male"].codes) == 70
