"""Codes of the real photos, with the labels that the directions may use."""

import dataclasses
import io
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from sklearn import covariance

from components.shared.data import folds as folds_lib
from components.shared.data.feature_names import UNKNOWN


@dataclasses.dataclass(frozen=True)
class Latents:
  """Encoded photos that may be learned from, with the labels of an attribute.

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

  def relabeled(self, labels: Mapping[bytes, int], folds: Mapping[bytes, int]) -> "Latents":
    """The same codes with other labels and folds, by image_id."""
    return Latents(
      self.codes,
      np.array([labels.get(i, UNKNOWN) for i in self.image_ids], np.int8),
      np.array([folds.get(i, folds_lib.NO_FOLD) for i in self.image_ids], np.int64),
      self.image_ids,
    )

  def gaussian(self) -> tuple[np.ndarray, np.ndarray]:
    """Of the codes; see `gaussian`."""
    return gaussian(self.codes)


def gaussian(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Mean [z] and a root [z, z] of the covariance of codes [n, z].

  What decodes well: N(0, 1), the prior that training aims at, is missed by a
  little in every dimension. The covariance is shrunk after Ledoit & Wolf 2004,
  so that it has a root with fewer photos than dimensions, too. Where there are
  no codes, for want of an encoder, it is N(0, 1).
  """
  if not len(codes):
    width = codes.shape[1]
    return np.zeros(width), np.eye(width)
  codes = codes.astype(np.float64)
  shrunk, _ = covariance.ledoit_wolf(codes)
  return codes.mean(axis=0), np.linalg.cholesky(shrunk)


def unlabeled(codes: np.ndarray, image_ids: np.ndarray) -> Latents:
  """Codes of photos of which nothing is known; see `Latents.relabeled`."""
  return Latents(
    codes, np.full(len(codes), UNKNOWN, np.int8), np.full(len(codes), folds_lib.NO_FOLD), image_ids
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
