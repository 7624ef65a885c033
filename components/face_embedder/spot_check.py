"""Holds some embeddings against what the face network says of their photos.

An embedding that went to another photo, lost the order of its values, or was
made from pixels on another scale looks like any other to the validators, and a
classifier that learns from such may just about pass. So for a few photos of
each split what Beam's workers wrote is computed again past them, photo by photo
under its name, with the decoder that the pushed model uses and the network as
it is: an engine in 8-bit integers was calibrated on decoded photos, and if these
were wrong, it clips what is right.

Median cosine of the two over the photos of a split (FaceNet, embedded with
onnx_int8, 64 of each of the sample's splits; the second figure is of a generator
of 32 pixels that was hardly trained, whose faces are alike):

| embeddings                         | cosine             |
|------------------------------------|--------------------|
| as they should be, of photos       | 0.998              |
| of synthetic faces, scaled up      | 0.991; 0.986       |
| red and blue in each other's place | 0.86 to 0.93; 0.71 |
| of another photo                   | 0.12 to 0.21; 0.52 |
| of pixels in [0, 1]                | 0.09 to 0.20; 0.30 |
| with their values sorted           | 0.04 at most; 0.10 |
"""

import itertools

import numpy as np
import tensorflow as tf

from components.shared.core import errors
from components.shared.data import examples
from components.shared.networks import agreement, engines, preprocessing

PHOTOS = 8
LEAST_COSINE = 0.95


def check(
  faces_uri: str, embeddings_uri: str, split: str, engine: engines.Engine, input_size: int
) -> None:
  """Compares the first embeddings of a split with new ones.

  Args:
    faces_uri: Examples of the photos.
    embeddings_uri: Examples of the embeddings.
    split: of both; may be empty.
    engine: the network, computed with in float32.
    input_size: height and width of its input in pixels.

  Raises:
    UserError: they are too far apart.
  """
  written = _first(embeddings_uri, split)
  if not written:
    return
  photos = _photos(faces_uri, split, list(written))
  pixels = preprocessing.decode_faces(tf.constant(photos), input_size).numpy()
  found = agreement.compare(
    np.array(list(written.values()), np.float32), agreement.embed_all(engine, pixels, PHOTOS)
  )
  if not found.median >= LEAST_COSINE:
    raise errors.UserError(
      f"FaceEmbedder: the embeddings of split `{split}` are not what the "
      f"face network says of the same photos: median cosine "
      f"{found.median:.2f} over {found.photos} photos from "
      f"{next(iter(written))} on, at least {LEAST_COSINE} expected. If the "
      "code was changed, look at how it decodes, scales and pairs them; if "
      "not, run again with --set runtime.cache=false"
    )


def _first(uri: str, split: str) -> dict[str, list[float]]:
  records = itertools.islice(examples.dataset(uri, split).as_numpy_iterator(), PHOTOS)
  decoded = map(examples.decode, records)
  return {
    features[examples.IMAGE_ID].decode(): features[examples.EMBEDDING] for features in decoded
  }


def _photos(uri: str, split: str, image_ids: list[str]) -> list[bytes]:
  """The files of these photos; they are near the beginning, too."""
  found: dict[str, bytes] = {}
  for record in examples.dataset(uri, split).as_numpy_iterator():
    features = examples.decode(record)
    image_id = features[examples.IMAGE_ID].decode()
    if image_id in image_ids:
      found[image_id] = features[examples.IMAGE]
      if len(found) == len(image_ids):
        break
  for image_id in image_ids:
    if image_id not in found:
      raise errors.UserError(
        f"FaceEmbedder: there is an embedding of {image_id} in split "
        f"`{split}` and no such photo; run again with --set "
        "runtime.cache=false"
      )
  return [found[image_id] for image_id in image_ids]
