"""The pushed model: photos in, or embeddings in."""

from typing import Dict, Iterable, List, Mapping

import keras
import tensorflow as tf
import tensorflow_transform as tft

from components import examples

CLASSIFY_JPEG = "serving_default"
CLASSIFY_EMBEDDING = "classify_embedding"
THRESHOLD = 0.5
_PROBABILITY = "probability_"


def probability_of(attribute: str) -> str:
  """Name of the output that holds an attribute's probability."""
  return f"{_PROBABILITY}{attribute}"


def attributes_of(outputs: Iterable[str]) -> List[str]:
  """The attributes that a pushed model's outputs are of, sorted."""
  return sorted(name[len(_PROBABILITY):] for name in outputs
                if name.startswith(_PROBABILITY))


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
    classifiers: by attribute, standardised embeddings float32 [n, d] ->
      logits [n, 1].
  """

  def __init__(self, network_path: str,
               transform_output: tft.TFTransformOutput,
               classifiers: Mapping[str, keras.Model]):
    super().__init__(name="labelled_face_classifier")
    self._network = tf.saved_model.load(network_path)
    self._transform = transform_output.transform_features_layer()
    self._attributes = tuple(classifiers)
    self._classifiers = list(classifiers.values())
    # A Keras variable is saved as a copy of the TensorFlow variable within it,
    # which the functions read. Loaders that restore what the graph names, as
    # TensorFlow Serving's does, would leave that one without a value.
    self._variables = [variable.value for classifier in self._classifiers
                       for variable in classifier.variables]
    self._width = transform_output.raw_feature_spec()[
        examples.EMBEDDING].shape[0]

  def save(self, path: str) -> None:
    """Writes the SavedModel."""
    image = tf.TensorSpec([None], tf.string, name=examples.IMAGE)
    embedding = tf.TensorSpec([None, self._width], tf.float32,
                              name=examples.EMBEDDING)
    # Once called with real values: the transform's layer decides at its first
    # call which of its outputs the given features allow.
    self.classify_embedding(tf.zeros([1, self._width]))
    tf.saved_model.save(self, path, signatures={
        CLASSIFY_JPEG: tf.function(self.classify_jpeg, [image]),
        CLASSIFY_EMBEDDING: tf.function(self.classify_embedding, [embedding]),
    })

  def classify_jpeg(self, image: tf.Tensor) -> Dict[str, tf.Tensor]:
    """See the class."""
    embedding = self._network.signatures["embed_jpeg"](
        image=image)[examples.EMBEDDING]
    outputs = self.classify_embedding(embedding)
    outputs[examples.EMBEDDING] = embedding
    return outputs

  def classify_embedding(self, embedding: tf.Tensor) -> Dict[str, tf.Tensor]:
    """See the class."""
    real = tf.fill([tf.shape(embedding)[0], 1], examples.REAL)
    transformed = self._transform(
        {examples.EMBEDDING: embedding, examples.DOMAIN: real})
    outputs = {}
    for attribute, classifier in zip(self._attributes, self._classifiers):
      logits = classifier(transformed[examples.EMBEDDING])
      probability = tf.sigmoid(tf.cast(logits, tf.float32))
      outputs[examples.label(attribute)] = tf.cast(
          probability >= THRESHOLD, tf.int64)
      outputs[probability_of(attribute)] = probability
    return outputs
