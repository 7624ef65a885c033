"""Codes of the real photos, with the labels that the directions may use."""

import dataclasses
import io
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf
from sklearn import covariance

from components.shared.core import errors, progress
from components.shared.data import examples
from components.shared.data import folds as folds_lib
from components.shared.data import training_photos as photos_lib
from components.shared.generators import generator as generator_lib

UNKNOWN = -1
_BATCH = 64


@dataclasses.dataclass(frozen=True)
class Latents:
  """Encoded photos of the splits `labeled` and `unlabeled`, for an attribute.

  Attributes:
    codes: float32 [n, z], means of the encoder.
    labels: int8 [n]; 1 has the attribute, 0 has not, -1 unknown or not to be
      used.
    folds: int64 [n], of the photos of `labeled`; `folds.NO_FOLD` for others.
    image_ids: bytes [n], their file names.
  """

  codes: np.ndarray
  labels: np.ndarray
  folds: np.ndarray
  image_ids: np.ndarray

  def of_class(self, label: int) -> np.ndarray:
    """Codes [m, z] of the photos with a label."""
    return self.codes[self.labels == label]

  def with_labels(self) -> tuple[np.ndarray, np.ndarray]:
    """Codes [m, z] and labels [m] of the photos that have one."""
    known = self.labels != UNKNOWN
    return self.codes[known], self.labels[known]

  def without(self, fold: int) -> "Latents":
    """All but the photos of a fold; all of them for `folds.NO_FOLD`."""
    kept = (self.folds != fold) | (self.folds == folds_lib.NO_FOLD)
    return Latents(self.codes[kept], self.labels[kept], self.folds[kept], self.image_ids[kept])

  def relabeled(self, labels: dict[bytes, int], folds: dict[bytes, int]) -> "Latents":
    """The same codes with other labels and folds, by image_id."""
    return Latents(
      self.codes,
      np.array([labels.get(i, UNKNOWN) for i in self.image_ids], np.int8),
      np.array([folds.get(i, folds_lib.NO_FOLD) for i in self.image_ids], np.int64),
      self.image_ids,
    )

  def gaussian(self) -> tuple[np.ndarray, np.ndarray]:
    """Mean [z] and a root [z, z] of the covariance of the codes.

    What decodes well: N(0, 1), the prior that training aims at, is missed by a
    little in every dimension. The covariance is shrunk after Ledoit & Wolf
    2004, so that it has a root with fewer photos than dimensions, too. Where
    there are no codes, for want of an encoder, it is N(0, 1).
    """
    if not len(self.codes):
      width = self.codes.shape[1]
      return np.zeros(width), np.eye(width)
    codes = self.codes.astype(np.float64)
    shrunk, _ = covariance.ledoit_wolf(codes)
    return codes.mean(axis=0), np.linalg.cholesky(shrunk)


def encode(
  uri: str, generator: generator_lib.Generator, attributes: Sequence[str], direction_labels: str
) -> dict[str, Latents]:
  """Encodes every photo of an Examples artifact's training splits, in order.

  A generator without an encoder gives codes of no photo.

  Args:
    uri: the Examples artifact; its split `hand_labeled` is not read.
    generator: whose encoder is used.
    attributes: whose labels are wanted.
    direction_labels: `labeled` takes the labels of that split. `pool`, the
      seed's protocol, takes what `unlabeled` holds back (`held_out_label`)
      too.

  Returns:
    By attribute; all of them share the codes.

  Raises:
    UserError: there are no photos.
  """
  if not generator.has_encoder:
    return _by_attribute(
      attributes,
      np.zeros([0, generator.latent_size], np.float32),
      np.zeros([0, len(attributes)], np.int8),
      np.zeros(0, np.int64),
      np.zeros(0, "S1"),
    )
  codes, labels, folds, all_ids = [], [], [], []
  with progress.bar("encoding photos", None, "photo") as bar:
    for split in photos_lib.SPLITS:
      image_ids, split_labels = [], []
      for images, batch_labels, batch_ids in _batches(
        uri, split, generator.image_size, _label_names(split, attributes, direction_labels)
      ):
        codes.append(generator.encode(images))
        split_labels.extend(batch_labels)
        image_ids.extend(batch_ids)
        bar.update(len(batch_labels))
      labels.append(np.array(split_labels, np.int8).reshape(-1, len(attributes)))
      all_ids.extend(image_ids)
      folds.append(
        folds_lib.assign(image_ids, labels[-1])
        if split == examples.LABELED
        else np.full(len(image_ids), folds_lib.NO_FOLD)
      )
  if not codes:
    raise errors.UserError(f"no photos to encode in {uri}")
  return _by_attribute(
    attributes,
    np.concatenate(codes),
    np.concatenate(labels),
    np.concatenate(folds),
    np.array(all_ids, "S"),
  )


def _by_attribute(
  attributes: Sequence[str],
  codes: np.ndarray,
  labels: np.ndarray,
  folds: np.ndarray,
  image_ids: np.ndarray,
) -> dict[str, Latents]:
  return {
    attribute: Latents(codes, labels[:, place], folds, image_ids)
    for place, attribute in enumerate(attributes)
  }


def _label_names(split: str, attributes: Sequence[str], direction_labels: str) -> list[str]:
  """Features with the labels that may be used; `unlabeled` has no others than
  those that it holds back."""
  is_pool = split == examples.UNLABELED and direction_labels == "pool"
  name = examples.held_out_label if is_pool else examples.label
  return [name(attribute) for attribute in attributes]


def _batches(
  uri: str, split: str, size: int, label_names: Sequence[str]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
  dataset = (
    examples.dataset(uri, split)
    .map(
      lambda record: (
        photos_lib.square(record, size),
        _labels(record, label_names),
        _image_id(record),
      ),
      tf.data.AUTOTUNE,
    )
    .batch(_BATCH)
    .prefetch(1)
  )
  for images, labels, image_ids in dataset.as_numpy_iterator():
    yield images.astype(np.float32) / 255.0, labels, image_ids


def _image_id(record: tf.Tensor) -> tf.Tensor:
  return tf.io.parse_single_example(
    record, {examples.IMAGE_ID: tf.io.FixedLenFeature([], tf.string)}
  )[examples.IMAGE_ID]


def _labels(record: tf.Tensor, names: Sequence[str]) -> tf.Tensor:
  """int64 [k], `UNKNOWN` where a feature is not there."""
  found = tf.io.parse_single_example(
    record, {name: tf.io.FixedLenFeature([], tf.int64, default_value=UNKNOWN) for name in names}
  )
  return tf.stack([found[name] for name in names])


def write(latents: dict[str, Latents], path: str) -> None:
  """Writes those of all attributes as one uncompressed .npz file."""
  buffer = io.BytesIO()
  one = next(iter(latents.values()))
  np.savez(
    buffer,
    attributes=np.array(list(latents)),
    codes=one.codes,
    labels=np.stack([one.labels for one in latents.values()], axis=1),
    folds=one.folds,
    image_ids=one.image_ids,
  )
  with tf.io.gfile.GFile(path, "wb") as file:
    file.write(buffer.getvalue())


def read(path: str) -> dict[str, Latents]:
  """The inverse of `write`."""
  with tf.io.gfile.GFile(path, "rb") as file:
    with np.load(io.BytesIO(file.read()), allow_pickle=False) as arrays:  # noqa: TID251  It unpickles nothing.
      return _by_attribute(
        arrays["attributes"].tolist(),
        arrays["codes"],
        arrays["labels"],
        arrays["folds"],
        arrays["image_ids"],
      )
