"""Moments of the domains, without labels."""

import tempfile

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform import beam as tft_beam
from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

from components.classifier import transform
from components.shared.data import embeddings as embeddings_lib
from components.shared.data import examples

WIDTH = 6
SPEC = {
  "embedding": tf.io.FixedLenFeature([WIDTH], tf.float32),
  "domain": tf.io.FixedLenFeature([1], tf.string),
  "image_id": tf.io.FixedLenFeature([1], tf.string),
  "label_Male": tf.io.VarLenFeature(tf.int64),
  "label_Smiling": tf.io.VarLenFeature(tf.int64),
  "fold": tf.io.VarLenFeature(tf.int64),
}


def rows(domain, count, mean, spread, label=()):
  rng = np.random.default_rng(count)
  values = rng.normal(size=(count, WIDTH)) * spread + mean
  return [
    {
      "embedding": value.astype(np.float32).tolist(),
      "domain": [domain],
      "image_id": [f"{index}".encode()],
      "label_Male": list(label),
      "label_Smiling": [],
      "fold": list(label),
    }
    for index, value in enumerate(values)
  ]


def _sparse(lengths):
  """A one in each row that has a length."""
  return tf.cast(
    tf.RaggedTensor.from_row_lengths([1] * sum(lengths), lengths).to_sparse(), tf.int64
  )


@pytest.fixture(scope="module")
def transformed():
  """Both domains, transformed; the label of each real row is unknown."""
  data = rows(examples.REAL, 60, 3.0, 0.5) + rows(examples.SYNTHETIC, 90, -1.0, 2.0, label=(1,))
  metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(SPEC))
  options = beam.options.pipeline_options.PipelineOptions(["--runner=FnApiRunner"])
  with tempfile.TemporaryDirectory() as folder:
    with beam.Pipeline(options=options) as pipeline, tft_beam.Context(temp_dir=folder):
      (_, function) = (
        pipeline | beam.Create(data),
        metadata,
      ) | tft_beam.AnalyzeAndTransformDataset(
        lambda inputs: transform.preprocessing_fn(
          inputs, {"attributes": ["Smiling", "Male"], "depths": 2}
        )
      )
      _ = function | tft_beam.WriteTransformFn(folder)
    output = tft.TFTransformOutput(folder)
    layer = output.transform_features_layer()
    batch = {
      "embedding": tf.constant([row["embedding"] for row in data]),
      "domain": tf.constant([row["domain"] for row in data]),
      "image_id": tf.constant([row["image_id"] for row in data]),
      "label_Male": _sparse([0] * 60 + [1] * 90),
      "label_Smiling": _sparse([0] * 150),
      "fold": _sparse([0] * 60 + [1] * 90),
    }
    yield {name: value.numpy() for name, value in layer(batch).items()}, layer


def test_both_domains_have_mean_zero_and_the_photos_spread(transformed):
  embeddings = transformed[0]["embedding"]
  photos, faces = embeddings[:60], embeddings[60:]
  for domain in (photos, faces):
    np.testing.assert_allclose(domain.mean(axis=0), 0, atol=1e-4)
  np.testing.assert_allclose(photos.std(axis=0), faces.std(axis=0), atol=1e-3)
  # A variance of 1 for each of the two depths.
  assert np.var(photos, axis=0).sum() == pytest.approx(2, abs=1e-2)
  raw = np.array([row["embedding"] for row in rows(examples.REAL, 60, 3.0, 0.5)])
  np.testing.assert_allclose(
    photos.std(axis=0) / photos.std(), raw.std(axis=0) / raw.std(axis=0).mean(), rtol=0.2
  )


def test_a_sweep_scales_alike(transformed):
  photos, faces = (
    np.array([row["embedding"] for row in rows(*drawn)], np.float32)
    for drawn in ((examples.REAL, 60, 3.0, 0.5), (examples.SYNTHETIC, 90, -1.0, 2.0))
  )
  of_photos = embeddings_lib.moments(photos)
  for domain, expected in (
    (photos, transformed[0]["embedding"][:60]),
    (faces, transformed[0]["embedding"][60:]),
  ):
    scaled = embeddings_lib.on_one_scale(domain, embeddings_lib.moments(domain), of_photos, 2)
    np.testing.assert_allclose(scaled, expected, atol=1e-3)


def test_unknown_labels_are_marked(transformed):
  """A column for each attribute, in the order asked for."""
  smiling, male = transformed[0]["labels"].T
  assert set(male[:60]) == {examples.UNKNOWN}
  assert set(male[60:]) == {1}
  assert set(smiling) == {examples.UNKNOWN}


def test_only_what_the_classifier_needs_comes_out(transformed):
  assert set(transformed[0]) == {"embedding", "labels", "fold", "synthetic", "image_id"}


def test_serving_needs_no_label(transformed):
  photo = {"embedding": tf.fill([2, WIDTH], 3.0), "domain": tf.constant([[examples.REAL]] * 2)}
  embedding = transformed[1](photo)["embedding"].numpy()
  assert embedding.shape == (2, WIDTH) and np.abs(embedding).max() < 0.5
