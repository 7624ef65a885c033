"""What networks see in photos: embeddings, and a pushed model's opinion."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from components.shared.data import photos as photos_lib
from pipeline.programs.label import photos as label_photos
from pipeline.programs.prediction import pushed_model

_BATCH = 16

Progress = Callable[[int], None]
"""Called with the number of photos done so far."""


class PushedModel(pushed_model.PushedModel):
  """A pushed model: embeddings and probabilities."""

  def embed(self, jpegs: Sequence[bytes]) -> np.ndarray:
    """Float32 [n, d]."""
    return self.look_at(jpegs).embeddings

  def probabilities(self, jpegs: Sequence[bytes], attribute: str) -> np.ndarray:
    """Float32 [n], of having the attribute."""
    return self.look_at(jpegs).probabilities[attribute]


class FaceNetwork:
  """The default face network, where no model was pushed."""

  def __init__(self):
    """Builds it and loads its weights, fetched if need be.

    Raises:
      UserError: the weights can't be fetched.
    """
    # All of Keras, for who has no run yet.
    import tensorflow as tf

    from components.shared.networks import network_artifact, networks, weights
    from components.shared.networks.settings import EmbedderSettings

    settings = EmbedderSettings()
    self._network = networks.of(settings)
    self._model, _ = network_artifact.filled(self._network, weights.locate(settings))
    self._embed = tf.function(
      lambda images: self._model(self._network.decode_faces(images), training=False),
      [tf.TensorSpec([None], tf.string)],
    )

  def embed(self, jpegs: Sequence[bytes]) -> np.ndarray:
    """Float32 [n, d]."""
    import tensorflow as tf

    readable = [photos_lib.to_jpeg(jpeg) for jpeg in jpegs]
    return self._embed(tf.constant(readable)).numpy()


def look_at(
  photos: label_photos.Photos,
  image_ids: Sequence[str],
  look: Callable[[Sequence[bytes]], np.ndarray],
  progress: Progress | None = None,
) -> dict[str, np.ndarray]:
  """What a network gives for each photo; those that can't be used are absent.

  Args:
    photos: to read from.
    image_ids: which of them.
    look: JPEGs [n] -> values [n, ...].
    progress: told after each batch.
  """
  found = {}
  for start in range(0, len(image_ids), _BATCH):
    batch = list(_readable(photos, image_ids[start : start + _BATCH]))
    if batch:
      values = look([jpeg for _, jpeg in batch])
      found.update(zip((image_id for image_id, _ in batch), values, strict=True))
    if progress is not None:
      progress(min(start + _BATCH, len(image_ids)))
  return found


def _readable(photos: label_photos.Photos, image_ids: list[str]) -> Iterator[tuple]:
  for image_id in image_ids:
    jpeg = photos.jpeg(image_id)
    if jpeg is not None:
      yield image_id, jpeg
