"""Checks a photo's bytes and makes an upright JPEG of them where needed."""

import io
from typing import Tuple

import numpy as np
from PIL import Image
from PIL import ImageOps
import tensorflow as tf

MIN_SIDE = 16
MAX_PIXELS = 50_000_000
JPEG_QUALITY = 95

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""No others: Pillow hands some formats on to programs of their own."""
_EXIF_ORIENTATION = 0x0112
_UPRIGHT = 1
_SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError,
           OverflowError, MemoryError)
"""What Pillow's readers raise on damaged files."""


class PhotoError(Exception):
  """A photo that cannot be used; the message is a short reason for people."""


def to_jpeg(data: bytes) -> bytes:
  """A JPEG that `tf.io.decode_jpeg(channels=3)` reads, of an upright photo.

  Args:
    data: the file: JPEG, PNG, WebP, GIF (first frame), BMP or TIFF.

  Returns:
    The same bytes if they are an upright RGB or grey JPEG; otherwise the photo
    in RGB on white, rotated as its EXIF data say, as a new JPEG.

  Raises:
    PhotoError: unreadable or truncated, a side below `MIN_SIDE` pixels, or
      more than `MAX_PIXELS` pixels (checked before decoding).
  """
  image = _opened(data, decode=True)
  if _is_plain(image) and _tensorflow_reads(data, image.size):
    return data
  return _encoded(_to_rgb(image))


def is_plain_jpeg(data: bytes) -> bool:
  """Whether a file says that it is an upright RGB or grey JPEG.

  Its pixels are not decoded: they may be cut off.

  Raises:
    PhotoError: as `to_jpeg` does, where that can be seen.
  """
  return _is_plain(_opened(data, decode=False))


def to_pixels(data: bytes) -> np.ndarray:
  """An upright photo, decoded: uint8 [h, w, 3], RGB, on white.

  Args:
    data: the file, as `to_jpeg` takes it.

  Raises:
    PhotoError: as `to_jpeg` does.
  """
  return np.asarray(_to_rgb(_opened(data, decode=True)))


def from_pixels(pixels: np.ndarray) -> bytes:
  """A photo, uint8 [h, w, 3], RGB, as a JPEG."""
  return _encoded(Image.fromarray(pixels))


def _opened(data: bytes, decode: bool) -> Image.Image:
  """A photo of a size that is allowed, with or without its pixels."""
  if not data:
    raise PhotoError("empty file")
  try:
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    _check_size(*image.size)
    if decode:
      image.load()
    image.getexif()  # May be damaged, too.
  except (Image.DecompressionBombError, Image.DecompressionBombWarning):
    raise PhotoError("too large: more than 50 megapixels") from None
  except Image.UnidentifiedImageError:
    raise PhotoError("not an image in a known format") from None
  except _DAMAGE as error:
    raise PhotoError("damaged or cut off") from error
  return image


def _is_plain(image: Image.Image) -> bool:
  return (image.format == "JPEG" and image.mode in ("RGB", "L") and
          image.getexif().get(_EXIF_ORIENTATION) in (None, _UPRIGHT))


def _check_size(width: int, height: int) -> None:
  if width * height > MAX_PIXELS:
    raise PhotoError(
        f"too large: {width} x {height} pixels, at most "
        f"{MAX_PIXELS // 1_000_000} megapixels")
  if min(width, height) < MIN_SIDE:
    raise PhotoError(
        f"too small: {width} x {height} pixels, at least {MIN_SIDE} a side")


def _tensorflow_reads(data: bytes, size: Tuple[int, int]) -> bool:
  """TensorFlow's decoder knows fewer kinds of JPEG than Pillow's."""
  try:
    decoded = tf.io.decode_jpeg(data, channels=3)
  except tf.errors.InvalidArgumentError:
    return False
  return tuple(decoded.shape) == (size[1], size[0], 3)


def _to_rgb(image: Image.Image) -> Image.Image:
  try:
    image = ImageOps.exif_transpose(image)
    if image.mode in _SIXTEEN_BIT_MODES:
      image = _to_eight_bit(image)
    if image.has_transparency_data:
      image = image.convert("RGBA")
      white = Image.new("RGBA", image.size, (255, 255, 255, 255))
      image = Image.alpha_composite(white, image)
    return image.convert("RGB")
  except _DAMAGE as error:
    raise PhotoError(f"pixels of kind {image.mode} are unknown") from error


def _encoded(image: Image.Image) -> bytes:
  jpeg = io.BytesIO()
  image.save(jpeg, "JPEG", quality=JPEG_QUALITY, subsampling=0)
  return jpeg.getvalue()


def _to_eight_bit(image: Image.Image) -> Image.Image:
  """Maps 0 ... 65535 to 0 ... 255."""
  values = np.asarray(image).astype(np.float64)
  return Image.fromarray(
      np.clip(np.round(values / 257), 0, 255).astype(np.uint8))
