"""What `LatentCodes` writes, `codes.npz`: what a generator makes of photos, and
faces of its own. No label has a part in it."""

import dataclasses
import io
import os

import numpy as np
import tensorflow as tf

_FILE = "codes.npz"


@dataclasses.dataclass(frozen=True)
class LatentCodes:
  """Photos and samples in a generator's latent space.

  Attributes:
    codes: float32 [n, z], means of the encoder; none where it has no encoder.
    image_ids: bytes [n], file names of the photos.
    samples: float [k, z], codes of faces that the generator drew by itself.
    embeddings: float32 [k, d], of these faces.
  """

  codes: np.ndarray
  image_ids: np.ndarray
  samples: np.ndarray
  embeddings: np.ndarray


def write(codes: LatentCodes, uri: str) -> None:
  """Writes an uncompressed .npz file."""
  buffer = io.BytesIO()
  np.savez(buffer, **dataclasses.asdict(codes))
  tf.io.gfile.makedirs(uri)
  with tf.io.gfile.GFile(os.path.join(uri, _FILE), "wb") as file:
    file.write(buffer.getvalue())


def read(uri: str) -> LatentCodes:
  """The inverse of `write`."""
  with tf.io.gfile.GFile(os.path.join(uri, _FILE), "rb") as file:
    with np.load(io.BytesIO(file.read()), allow_pickle=False) as arrays:  # noqa: TID251  It unpickles nothing.
      return LatentCodes(**{name: arrays[name] for name in arrays.files})
