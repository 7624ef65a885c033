"""The pushed model: photos in, or embeddings in."""

import os
from collections.abc import Iterable, Mapping

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from absl import logging

from components.shared.core import links
from components.shared.data import examples
from components.shared.learning import arrays, committee
from components.shared.learning.committee import Committee
from components.shared.networks import network_artifact, onnx_model, weight_shards

CLASSIFY_JPEG = "serving_default"
CLASSIFY_EMBEDDING = "classify_embedding"
THRESHOLD = committee.THRESHOLD
_PROBABILITY = "probability_"
_TOLERANCE = 1e-5
_PROBES = 64


def probability_of(attribute: str) -> str:
  """Name of the output that holds an attribute's probability."""
  return f"{_PROBABILITY}{attribute}"


def attributes_of(outputs: Iterable[str]) -> list[str]:
  """The attributes that a pushed model's outputs are of, sorted."""
  return sorted(name[len(_PROBABILITY) :] for name in outputs if name.startswith(_PROBABILITY))


class ServingModel(tf.Module):
  """Face network, transform and classifier in one SavedModel.

  Signatures:
    `serving_default`: `image` string [n], JPEG bytes -> for each attribute
      `label_<attribute>` int64 [n, 1] and `probability_<attribute>` float32
      [n, 1], and `embedding` float32 [n, d].
    `classify_embedding`: `embedding` float32 [n, d], as the face network
      gives them -> labels and probabilities.

  A label is 1 = has the attribute, 0 = has not; a probability is that of 1.

  Args:
    network_path: SavedModel of the face network.
    transform_output: what Transform learned.
    classifiers: by attribute, of standardised embeddings.
  """

  def __init__(
    self,
    network_path: str,
    transform_output: tft.TFTransformOutput,
    classifiers: Mapping[str, Committee],
  ):
    super().__init__(name="labelled_face_classifier")
    self._network_path = network_path.rstrip("/")
    self._network = tf.saved_model.load(network_path)
    layer = transform_output.transform_features_layer()
    # A function, not the layer: Keras would save the layer once more, as itself. It
    # holds nothing but constants; of anything else TensorFlow would say that it is lost.
    self._transform = lambda features: layer(features)
    self._attributes = tuple(classifiers)
    self._classifiers = list(classifiers.values())
    self._width = transform_output.raw_feature_spec()[examples.EMBEDDING].shape[0]

  def save(self, path: str) -> None:
    """Writes the SavedModel and, within its folder, `arrays` and the network for
    ONNX Runtime."""
    image = tf.TensorSpec([None], tf.string, name=examples.IMAGE)
    embedding = tf.TensorSpec([None, self._width], tf.float32, name=examples.EMBEDDING)
    # Once called with real values: the transform's layer decides at its first
    # call which of its outputs the given features allow.
    self.classify_embedding(tf.zeros([1, self._width]))
    # Nothing here needs AutoGraph, which would rewrite Keras's sources, and TFT's.
    tf.saved_model.save(
      self,
      path,
      signatures={
        CLASSIFY_JPEG: tf.function(self.classify_jpeg, [image], autograph=False),
        CLASSIFY_EMBEDDING: tf.function(self.classify_embedding, [embedding], autograph=False),
      },
      options=weight_shards.save_options(),
    )
    if links.is_local(path, self._network_path):
      links.share(path, self._network_path)
    self._write_arrays(path)
    self._link_network(path)

  def _link_network(self, path: str) -> None:
    """What ONNX Runtime embeds with, where the network has it: the model's
    folder is then all that labelling photos takes."""
    for name in (network_artifact.DESCRIPTION, onnx_model.FILE):
      source = os.path.join(os.path.dirname(self._network_path), name)
      if tf.io.gfile.exists(source):
        links.copy_file(source, os.path.join(path, arrays.FOLDER, name))

  def _write_arrays(self, path: str) -> None:
    """What labels embeddings without TensorFlow, if it says the same."""
    mean, deviation = self._moments()
    found = arrays.Classifiers(
      mean,
      deviation,
      {
        attribute: classifier
        for attribute, classifier in sorted(
          zip(self._attributes, self._classifiers, strict=True), key=lambda pair: pair[0]
        )
      },
    )
    probes = (
      np.random.default_rng(0).standard_normal((_PROBES, self._width)) * deviation + mean
    ).astype(np.float32)
    expected = self.classify_embedding(tf.constant(probes))
    for attribute, probabilities in found.probabilities(probes).items():
      gap = np.abs(expected[probability_of(attribute)][:, 0] - probabilities).max()
      if not gap <= _TOLERANCE:
        # A transform or a layer that the arrays can't describe.
        logging.warning(
          "no %s: %s differs by %s; TensorFlow will label", arrays.FILE, attribute, gap
        )
        return
    folder = os.path.join(path, arrays.FOLDER)
    tf.io.gfile.makedirs(folder)
    with tf.io.gfile.GFile(os.path.join(folder, arrays.FILE), "wb") as file:
      file.write(arrays.to_bytes(found))

  def _moments(self) -> tuple[np.ndarray, np.ndarray]:
    """What the transform takes from each value of a photo's embedding and
    divides it by, float32 [d]; it says neither, but is nothing else."""
    zeros = tf.zeros([1, self._width])
    with tf.GradientTape() as tape:
      tape.watch(zeros)
      standardized = self._standardized(zeros)
    slope = tape.gradient(standardized, zeros)[0].numpy().astype(np.float64)
    mean = -standardized[0].numpy() / slope
    return mean.astype(np.float32), (1 / slope).astype(np.float32)

  def classify_jpeg(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
    """See the class."""
    embedding = self._network.signatures["embed_jpeg"](image=image)[examples.EMBEDDING]
    outputs = self.classify_embedding(embedding)
    outputs[examples.EMBEDDING] = embedding
    return outputs

  def classify_embedding(self, embedding: tf.Tensor) -> dict[str, tf.Tensor]:
    """See the class."""
    standardized = self._standardized(embedding)
    outputs = {}
    for attribute, classifier in zip(self._attributes, self._classifiers, strict=True):
      probability = _probability(classifier, standardized)
      outputs[examples.label(attribute)] = tf.cast(probability >= classifier.threshold, tf.int64)
      outputs[probability_of(attribute)] = probability
    return outputs

  def _standardized(self, embedding: tf.Tensor) -> tf.Tensor:
    """What the transform makes of photos' embeddings, float32 [n, d]."""
    real = tf.fill([tf.shape(embedding)[0], 1], examples.REAL)
    return self._transform({examples.EMBEDDING: embedding, examples.DOMAIN: real})[
      examples.EMBEDDING
    ]


def _probability(classifier: Committee, standardized: tf.Tensor) -> tf.Tensor:
  """`Committee.probabilities` in TensorFlow: float32 [n, d] -> [n, 1]."""
  opinions = tf.sigmoid(standardized @ classifier.kernels + classifier.biases)
  joined = tf.clip_by_value(
    tf.matmul(opinions, classifier.shares[:, None]), committee.SMALLEST, 1 - committee.SMALLEST
  )
  score = tf.math.log(joined) - tf.math.log1p(-joined)
  return tf.sigmoid(classifier.slope * score + classifier.intercept)
