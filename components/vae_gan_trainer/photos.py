"""Photos for training, out of the splits that a generator may see."""

import dataclasses
from typing import Optional

import numpy as np
import tensorflow as tf

from components import errors
from components import examples
from components import progress
from components.vae_gan_trainer import draws

SPLITS = (examples.LABELED, examples.UNLABELED)
"""Never `hand_labeled`: what the classifier is judged by stays unseen."""

_SHUFFLE_RECORDS = 20_000  # JPEGs of CelebA's size: about 150 MB
_MEBIBYTE = 2 ** 20


@dataclasses.dataclass(frozen=True)
class Photos:
  """The training photos, as squares of one size.

  Attributes:
    uri: the Examples artifact.
    image_size: side of the squares, pixels.
    count: how many photos there are.
    cached: uint8 [count, s, s, 3], or None where they are read each epoch.
  """
  uri: str
  image_size: int
  count: int
  cached: Optional[np.ndarray]

  def epoch(self, seed: int, epoch: int, batch_size: int, latent_size: int,
            skip_steps: int = 0) -> tf.data.Dataset:
    """Batches of one epoch, in an order that follows from seed and epoch.

    Args:
      seed: of the run.
      epoch: number of the epoch, from 0.
      batch_size: photos a step; an incomplete last batch is left out.
      latent_size: width of the codes that are drawn beside the photos.
      skip_steps: steps of this epoch that were done before.

    Returns:
      A dataset of dicts: `image`, float32 [b, s, s, 3] in [-1, 1], and the
      random numbers of `draws.draw`.
    """
    order = int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0] >> 1)
    steps = self.count // batch_size
    first_step = epoch * steps + skip_steps
    return (
        self._shuffled(order)
        .skip(skip_steps * batch_size)
        .map(self._pixels, tf.data.AUTOTUNE)
        .batch(batch_size, drop_remainder=True)
        .enumerate(first_step)
        .map(lambda step, images: {
            "image": to_signed(images),
            **draws.draw(seed, step, batch_size, latent_size)})
        .prefetch(2))

  def some(self, count: int) -> np.ndarray:
    """The first photos, float32 [<= count, s, s, 3] in [-1, 1]."""
    images = self._ordered().take(count).map(self._pixels).batch(count)
    return to_signed(next(iter(images))).numpy()

  def _ordered(self) -> tf.data.Dataset:
    if self.cached is not None:
      return tf.data.Dataset.from_tensor_slices(self.cached)
    return records(self.uri)

  def _shuffled(self, order: int) -> tf.data.Dataset:
    if self.cached is not None:
      return self._ordered().shuffle(self.count, seed=order)
    # Files in another order each epoch, then records within a window.
    return (
        records(self.uri, order)
        .shuffle(min(self.count, _SHUFFLE_RECORDS), seed=order))

  def _pixels(self, element: tf.Tensor) -> tf.Tensor:
    if self.cached is not None:
      return element
    return square(element, self.image_size)


def open_photos(uri: str, image_size: int, batch_size: int,
                cache_mebibytes: int) -> Photos:
  """The photos of an Examples artifact's training splits.

  Raises:
    UserError: there are fewer photos than one batch takes.
  """
  count = sum(1 for _ in records(uri).as_numpy_iterator())
  if count < batch_size:
    raise errors.UserError(
        f"the generator has {count} photos to learn from and batches of "
        f"{batch_size}: give it more photos, or lower generator.batch_size")
  photos = Photos(uri=uri, image_size=image_size, count=count, cached=None)
  if count * image_size ** 2 * 3 > cache_mebibytes * _MEBIBYTE:
    return photos
  cached = np.empty([count, image_size, image_size, 3], np.uint8)
  squares = records(uri).map(
      lambda record: square(record, image_size), tf.data.AUTOTUNE)
  with progress.bar("reading photos", count, "photo") as bar:
    for index, image in enumerate(squares.as_numpy_iterator()):
      cached[index] = image
      bar.update()
  return dataclasses.replace(photos, cached=cached)


def records(uri: str, order: Optional[int] = None) -> tf.data.Dataset:
  """Serialized tf.Examples of the training splits.

  Args:
    uri: the Examples artifact.
    order: seed of the files' order; None keeps them as they lie.
  """
  files = [f for split in SPLITS for f in examples.split_files(uri, split)]
  if order is not None:
    files = list(np.random.default_rng(order).permutation(files))
  return tf.data.TFRecordDataset(files, compression_type="GZIP")


def square(record: tf.Tensor, size: int) -> tf.Tensor:
  """uint8 [size, size, 3]: the middle of a tf.Example's photo."""
  encoded = tf.io.parse_single_example(
      record, {examples.IMAGE: tf.io.FixedLenFeature([], tf.string)})
  return middle(encoded[examples.IMAGE], size)


def middle(encoded: tf.Tensor, size: int) -> tf.Tensor:
  """uint8 [size, size, 3]: the largest central square of an encoded image."""
  image = tf.io.decode_image(encoded, channels=3, expand_animations=False)
  height, width = tf.shape(image)[0], tf.shape(image)[1]
  side = tf.minimum(height, width)
  image = tf.image.crop_to_bounding_box(
      image, (height - side) // 2, (width - side) // 2, side, side)
  image = tf.image.resize(image, [size, size], antialias=True)
  return tf.cast(tf.round(tf.clip_by_value(image, 0.0, 255.0)), tf.uint8)


def to_signed(images: tf.Tensor) -> tf.Tensor:
  """uint8 images as float32 in [-1, 1]."""
  return tf.cast(images, tf.float32) / 127.5 - 1.0


def to_unit(images: tf.Tensor) -> tf.Tensor:
  """Images in [-1, 1] as float32 in [0, 1]."""
  return (images + 1.0) / 2.0
