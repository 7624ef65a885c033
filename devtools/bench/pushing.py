"""A pushed model without a run: the real network, an untrained classifier."""

import os
import pathlib
import tempfile
from collections.abc import Sequence

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from apache_beam.options import pipeline_options
from tensorflow_transform import beam as tft_beam
from tensorflow_transform.tf_metadata import dataset_metadata, metadata_io, schema_utils

from components.classifier import transform
from components.shared.data import examples
from components.shared.learning import committee, serving
from components.shared.networks import saved_model


def push(
  path: pathlib.Path,
  network_uri: str,
  embeddings: np.ndarray,
  attributes: Sequence[str],
  seed: int = 0,
) -> None:
  """Writes what a run would push.

  Args:
    path: the model's folder.
    network_uri: the Model artifact of `EmbeddingNetwork`.
    embeddings: float32 [n, d], of real photos; what Transform learns from.
    attributes: to be labelled.
    seed: of the classifiers' weights.
  """
  width = embeddings.shape[1]
  with tempfile.TemporaryDirectory() as folder:
    _transform(folder, embeddings, attributes)
    rng = np.random.default_rng(seed)
    classifiers = {
      attribute: committee.Committee(
        kernels=rng.normal(size=(width, 1)).astype(np.float32),
        biases=np.zeros(1, np.float32),
        shares=np.ones(1, np.float32),
      )
      for attribute in attributes
    }
    serving.ServingModel(
      saved_model.folder(network_uri), tft.TFTransformOutput(folder), classifiers
    ).save(str(path))


def _transform(folder: str, embeddings: np.ndarray, attributes: Sequence[str]) -> None:
  """What the component Transform writes, small."""
  spec = {
    examples.EMBEDDING: tf.io.FixedLenFeature(embeddings.shape[1:], tf.float32),
    examples.DOMAIN: tf.io.FixedLenFeature([1], tf.string),
    examples.IMAGE_ID: tf.io.FixedLenFeature([1], tf.string),
    examples.FOLD: tf.io.VarLenFeature(tf.int64),
    **{examples.label(attribute): tf.io.VarLenFeature(tf.int64) for attribute in attributes},
  }
  rows = [
    {
      examples.EMBEDDING: row.tolist(),
      examples.DOMAIN: [examples.REAL],
      examples.IMAGE_ID: [b""],
      examples.FOLD: [],
      **{examples.label(attribute): [] for attribute in attributes},
    }
    for row in embeddings
  ]
  metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(spec))
  metadata_io.write_metadata(metadata, os.path.join(folder, tft.TFTransformOutput.RAW_METADATA_DIR))
  options = pipeline_options.PipelineOptions(["--runner=FnApiRunner"])
  with beam.Pipeline(options=options) as pipeline, tft_beam.Context(temp_dir=folder):
    learned = (pipeline | beam.Create(rows), metadata) | (
      tft_beam.AnalyzeDataset(
        lambda inputs: transform.preprocessing_fn(
          inputs, {"attributes": list(attributes), "depths": 1}
        )
      )
    )
    _ = learned | tft_beam.WriteTransformFn(folder)
