"""Small pictures of faces, as data URIs."""

import base64
import io
from collections.abc import Collection, Iterable

import tensorflow as tf
from PIL import Image

from components.shared.data import examples, photos

SIDE = 96
"""Pixels, of the longer side."""
_QUALITY = 80


def of_split(
  faces_uri: str, splits: Iterable[str], wanted: Collection[str], side: int = SIDE
) -> dict[str, str]:
  """Thumbnails of some faces of an Examples artifact.

  Args:
    faces_uri: the artifact; it is streamed, whatever its size.
    splits: to look in.
    wanted: image_ids.
    side: pixels, of the longer side.

  Returns:
    Data URIs by image_id.
  """
  missing, found = set(wanted), {}
  for split in splits:
    if not missing:
      break
    for record in examples.dataset(faces_uri, split).as_numpy_iterator():
      face = examples.decode(record)
      image_id = face[examples.IMAGE_ID].decode()
      if image_id in missing:
        missing.remove(image_id)
        found[image_id] = of_image(Image.open(io.BytesIO(face[examples.IMAGE])), side)
  return found


def of_file(path: str) -> str | None:
  """A thumbnail of any file, or None if it is no picture."""
  with tf.io.gfile.GFile(path, "rb") as file:
    data = file.read()
  try:
    return of_image(Image.open(io.BytesIO(photos.to_jpeg(data))))
  except photos.PhotoError:
    return None


def of_image(image: Image.Image, side: int = SIDE) -> str:
  """A JPEG no larger than so many pixels, as a data URI."""
  small = image.convert("RGB")
  small.thumbnail((side, side), Image.Resampling.LANCZOS)
  return as_uri(small)


def as_uri(image: Image.Image) -> str:
  """An RGB picture as it is."""
  data = io.BytesIO()
  image.save(data, "JPEG", quality=_QUALITY)
  return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
