"""From encoded photos to a face network's input, with Pillow.

The same square and the same filter as `preprocessing.decode_faces`, which
serving uses, several times as fast: libjpeg-turbo decodes a JPEG at a half, a
quarter or an eighth of its size where that is still large enough.
"""

import io
from collections.abc import Sequence
from concurrent import futures

import numpy as np
from PIL import Image, UnidentifiedImageError

from components.shared.core import errors, hardware


def decode_face(image: bytes, size: int) -> np.ndarray:
  """The central square of a photo, resized.

  Args:
    image: an encoded photo.
    size: height and width of the result in pixels.

  Returns:
    uint8 [size, size, 3], RGB.

  Raises:
    UserError: it is not a photo that can be read.
  """
  try:
    with Image.open(io.BytesIO(image)) as photo:
      # Twice the size is left for the filter to shrink: closer scales alias.
      photo.draft("RGB", (2 * size, 2 * size))
      photo = photo.convert("RGB")
  except (
    OSError,
    UnidentifiedImageError,
    Image.DecompressionBombError,
    SyntaxError,
    ValueError,
  ) as error:
    raise errors.UserError(f"a photo among the Examples can't be decoded ({error})") from error
  side = min(photo.size)
  left, top = ((extent - side) // 2 for extent in photo.size)
  square = photo.resize(
    (size, size), Image.Resampling.BILINEAR, (left, top, left + side, top + side)
  )
  return np.asarray(square)


def threads() -> futures.Executor:
  """As many threads as run at once, for `decode_faces`."""
  return futures.ThreadPoolExecutor(hardware.threads(), "decode")


def decode_faces(images: Sequence[bytes], size: int, executor: futures.Executor) -> np.ndarray:
  """`decode_face` of each, side by side.

  Returns:
    uint8 [n, size, size, 3], RGB, in the order of the photos.
  """
  return np.stack(list(executor.map(lambda image: decode_face(image, size), images)))
