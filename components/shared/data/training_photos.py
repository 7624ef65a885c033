"""Photos for training, out of the split that a generator may see."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from components.shared.core import errors, progress
from components.shared.data import augment, draws, examples

_SHUFFLE_RECORDS = 20_000  # JPEGs of CelebA's size: about 150 MB, held twice
_MEBIBYTE = 2**20


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
  cached: np.ndarray | None

  def batches(
    self,
    *,
    seed: int,
    first_step: int,
    last_step: int,
    batch_size: int,
    latent_size: int,
    flip: bool,
  ) -> tf.data.Dataset:
    """Batches for steps of training, over as many epochs as it takes.

    Each epoch has every photo at most once, in an order that follows from the
    seed and the epoch's number; an incomplete last batch is left out.

    Args:
      seed: of the run.
      first_step: number of the first step, from 0.
      last_step: the step at which to end; it is not done.
      batch_size: photos a step.
      latent_size: width of the codes that are drawn beside the photos.
      flip: whether some photos are mirrored.

    Returns:
      A dataset of dicts: `image`, float32 [b, s, s, 3] in [-1, 1], and the
      random numbers of `draws.draw`.
    """
    steps = self.count // batch_size
    first_epoch, skipped = divmod(first_step, steps)
    elements, pixels = self._source()

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
      order = tf.stack([tf.constant(seed, tf.int64), number])
      return elements(order).take(steps * batch_size)

    def finished(step: tf.Tensor, images: tf.Tensor) -> dict[str, tf.Tensor]:
      numbers = draws.draw(seed, step, batch_size, latent_size)
      if flip:
        images = augment.mirror(images, numbers["mirrored"])
      return {"image": to_signed(images), **numbers}

    return (
      tf.data.Dataset.range(first_epoch, -(-last_step // steps))
      .flat_map(epoch)
      .skip(skipped * batch_size)
      .map(pixels, tf.data.AUTOTUNE)
      .batch(batch_size, drop_remainder=True)
      .take(last_step - first_step)
      .enumerate(first_step)
      .map(finished)
      .prefetch(2)
    )

  def some(self, count: int) -> np.ndarray:
    """The first photos, float32 [<= count, s, s, 3] in [-1, 1]."""
    if self.cached is not None:
      return to_signed(self.cached[:count]).numpy()
    squares = records(self.uri).take(count).map(lambda record: square(record, self.image_size))
    return to_signed(next(iter(squares.batch(count)))).numpy()

  def _source(self) -> tuple[Callable, Callable]:
    """An epoch's elements by its seed [2], and an element's uint8 [s, s, 3].

    Cached photos are shuffled all together; else files are, and then records
    a window at a time. `Dataset.shuffle` would not do: its order also depends
    on the process's global seed.
    """
    if self.cached is not None:
      with tf.device("CPU"):
        images = tf.convert_to_tensor(self.cached)
      return (
        lambda seed: tf.data.Dataset.from_tensor_slices(
          tf.random.experimental.stateless_shuffle(tf.range(self.count), seed)
        ),
        lambda index: images[index],
      )
    paths, window = files(self.uri), min(self.count, _SHUFFLE_RECORDS)
    shuffle = tf.random.experimental.stateless_shuffle
    return (
      lambda seed: (
        _read(shuffle(paths, seed)).batch(window).map(lambda batch: shuffle(batch, seed)).unbatch()
      ),
      lambda record: square(record, self.image_size),
    )


def open_photos(uri: str, image_size: int, batch_size: int, cache_mebibytes: int) -> Photos:
  """The photos of an Examples artifact's split `training`.

  Raises:
    UserError: there are fewer photos than one batch takes.
  """
  count = sum(1 for _ in records(uri).as_numpy_iterator())
  if count < batch_size:
    raise errors.UserError(
      f"the generator has {count} photos to learn from and batches of "
      f"{batch_size}: give it more photos, or lower generator.batch_size"
    )
  photos = Photos(uri=uri, image_size=image_size, count=count, cached=None)
  if count * image_size**2 * 3 > cache_mebibytes * _MEBIBYTE:
    return photos
  cached = np.empty([count, image_size, image_size, 3], np.uint8)
  squares = records(uri).map(lambda record: square(record, image_size), tf.data.AUTOTUNE)
  with progress.bar("reading photos", count, "photo") as bar:
    for index, image in enumerate(squares.as_numpy_iterator()):
      cached[index] = image
      bar.update()
  return dataclasses.replace(photos, cached=cached)


def records(uri: str) -> tf.data.Dataset:
  """Serialized tf.Examples of an Examples artifact's split `training`.

  Never of `reserved`: what the classifier is judged by stays unseen.
  """
  return _read(files(uri))


def files(uri: str) -> list[str]:
  """The files of that split."""
  return examples.split_files(uri, examples.TRAINING)


def _read(files: tf.Tensor | list[str]) -> tf.data.Dataset:
  return tf.data.TFRecordDataset(files, compression_type="GZIP")


def square(record: tf.Tensor, size: int) -> tf.Tensor:
  """uint8 [size, size, 3]: the middle of a tf.Example's photo."""
  encoded = tf.io.parse_single_example(
    record, {examples.IMAGE: tf.io.FixedLenFeature([], tf.string)}
  )
  return middle(encoded[examples.IMAGE], size)


def middle(encoded: tf.Tensor, size: int) -> tf.Tensor:
  """uint8 [size, size, 3]: the largest central square of an encoded image."""
  image = tf.io.decode_image(encoded, channels=3, expand_animations=False)
  height, width = tf.shape(image)[0], tf.shape(image)[1]
  side = tf.minimum(height, width)
  image = tf.image.crop_to_bounding_box(
    image, (height - side) // 2, (width - side) // 2, side, side
  )
  image = tf.image.resize(image, [size, size], antialias=True)
  return tf.cast(tf.round(tf.clip_by_value(image, 0.0, 255.0)), tf.uint8)


def to_signed(images: tf.Tensor) -> tf.Tensor:
  """uint8 images as float32 in [-1, 1]."""
  return tf.cast(images, tf.float32) / 127.5 - 1.0


def to_unit(images: tf.Tensor) -> tf.Tensor:
  """Images in [-1, 1] as float32 in [0, 1]."""
  return (images + 1.0) / 2.0
