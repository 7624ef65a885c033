"""Checks a photo's bytes and makes an upright JPEG of them where needed."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from components.shared.core import file_kind
from components.shared.data import guarded_file

# Who makes pictures by a network keeps megabytes about them in PNGs.
PngImagePlugin.MAX_TEXT_CHUNK = 16 << 20

MIN_SIDE = 16
MAX_SIDE = 65_500
"""Libjpeg's own limit."""
MAX_PIXELS = (1 << 30) // 8
"""134 million, for which a photo takes a gigabyte of memory for a moment: Pillow has four bytes a
pixel, and a turned or TensorFlow's picture about as many. Phones have 50 to 108 million."""
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
_MEGAPIXELS = MAX_PIXELS // 1_000_000
JPEG_QUALITY = 95

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""No others: Pillow hands some formats on to programs of their own."""
_HEIC = "a HEIC photo"
_PICTURES = (
  *("a JPEG 2000 picture", "a JPEG XL picture", "a Photoshop file", "an SVG drawing"),
  *("a PDF", "a video"),
)
_MOST_PROFILE = 1 << 22
"""Bytes of a colour profile; printers' have two million."""
_EXIF_ORIENTATION = 0x0112
_UPRIGHT = 1
_TURNS = {
  2: Image.Transpose.FLIP_LEFT_RIGHT,
  3: Image.Transpose.ROTATE_180,
  4: Image.Transpose.FLIP_TOP_BOTTOM,
  5: Image.Transpose.TRANSPOSE,
  6: Image.Transpose.ROTATE_270,
  7: Image.Transpose.TRANSVERSE,
  8: Image.Transpose.ROTATE_90,
}
"""What makes a photo of an EXIF orientation upright."""
_ROWS = 256
_RAW_EXIF = "Raw profile type exif"
_SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")


class PhotoError(Exception):
  """A photo that cannot be used; the message is a short reason for people."""


def to_jpeg(data: bytes, for_tensorflow: bool = True) -> bytes:
  """A JPEG of an upright photo.

  Args:
    for_tensorflow: whether `tf.io.decode_jpeg(channels=3)` will have to read it,
      which knows fewer kinds than Pillow and browsers; to try takes TensorFlow.
    data: the file: JPEG, PNG, WebP, GIF (first frame), BMP, TIFF, AVIF or HEIC.

  Returns:
    The same bytes if they are an upright RGB or grey JPEG; otherwise the photo
    in sRGB on white, rotated as its EXIF data say, as a new JPEG.

  Raises:
    PhotoError: unreadable or truncated, a side below `MIN_SIDE` or above
      `MAX_SIDE` pixels, more than `MAX_PIXELS` pixels (checked before
      decoding), or made to take long.
  """
  image = _opened(data, decode=True)
  if _is_plain(image) and (not for_tensorflow or _tensorflow_reads(data, image.size)):
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
  file = guarded_file.GuardedFile(data)
  try:
    guarded_file.check_jpeg_header(data)
    image = Image.open(file, formats=_formats(data))
    _check_size(*image.size)
    if image.format in ("JPEG", "MPO"):
      guarded_file.check_scans(data, image.width * image.height)
    file.end_of_header()
    if decode:
      image.load()
    guarded_file.check_exif(image.info.get("exif") or b"")
    guarded_file.check_exif(image.info.get(_RAW_EXIF, "")[::2])  # Hexadecimal.
    image.getexif()  # May be damaged, too.
  except PhotoError:
    raise
  except guarded_file.TooCostly as error:
    raise PhotoError(f"damaged or made to take long: {error}") from None
  except (Image.DecompressionBombError, Image.DecompressionBombWarning):
    raise PhotoError(f"too large: more than {_MEGAPIXELS} megapixels") from None
  except Image.UnidentifiedImageError:
    raise PhotoError(_unknown(file_kind.of(data[: file_kind.HEAD]))) from None
  except Exception as error:  # Pillow's readers raise nearly anything.
    if "MAX_TEXT" in str(error):
      raise PhotoError("there is too much text in it; save it without") from None
    raise PhotoError("damaged or cut off") from error
  return image


def _unknown(kind: str | None) -> str:
  """Why a file of this kind is not read."""
  if kind is None or kind == "a picture":
    return "not an image in a known format"
  if kind in (_HEIC, "an AVIF photo"):
    return "damaged or cut off"
  if kind in _PICTURES:
    return f"not an image that can be read: it is {kind}; save it as JPEG"
  return f"not an image: it is {kind}"


def _formats(data: bytes) -> tuple[str, ...]:
  """The formats that a file may be read as."""
  if file_kind.of(data[: file_kind.HEAD]) != _HEIC:
    return _FORMATS
  try:
    import pillow_heif  # Few people have such photos.
  except ImportError:
    raise PhotoError(
      "a HEIC photo, and the package pillow-heif is missing; save it as JPEG"
    ) from None
  pillow_heif.register_heif_opener(thumbnails=False)
  return ("HEIF",)


def _is_plain(image: Image.Image) -> bool:
  return (
    image.format == "JPEG"
    and image.mode in ("RGB", "L")
    and _orientation(image) not in _TURNS
    and _profile(image) is None
  )


def _profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
  """The colour profile, where it is another than sRGB's and can be read."""
  data = image.info.get("icc_profile")
  if not data or image.mode not in ("RGB", "RGBA") or len(data) > _MOST_PROFILE:
    return None
  try:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    if profile.profile.xcolor_space.strip() != "RGB":
      return None
    return None if "srgb" in ImageCms.getProfileDescription(profile).casefold() else profile
  except Exception:  # As of damaged photos; their colours are shown as they are.
    return None


def _orientation(image: Image.Image) -> Any:
  """As the EXIF data have it, which may be anything."""
  found = image.getexif().get(_EXIF_ORIENTATION)
  return found if isinstance(found, int) else None


def _check_size(width: int, height: int) -> None:
  if width * height > MAX_PIXELS:
    raise PhotoError(f"too large: {width} x {height} pixels, at most {_MEGAPIXELS} megapixels")
  if min(width, height) < MIN_SIDE:
    raise PhotoError(f"too small: {width} x {height} pixels, at least {MIN_SIDE} a side")
  if max(width, height) > MAX_SIDE:
    raise PhotoError(f"too long: {width} x {height} pixels, at most {MAX_SIDE:,} a side")


def _tensorflow_reads(data: bytes, size: tuple[int, int]) -> bool:
  """TensorFlow's decoder knows fewer kinds of JPEG than Pillow's."""
  import tensorflow as tf  # Takes seconds, and few photos get here.

  try:
    decoded = tf.io.decode_jpeg(data, channels=3)
  except tf.errors.OpError:
    return False
  return tuple(decoded.shape) == (size[1], size[0], 3)


def _to_rgb(image: Image.Image) -> Image.Image:
  try:
    turn = _TURNS.get(_orientation(image))
    if turn is not None:
      image = image.transpose(turn)
    if image.mode in _SIXTEEN_BIT_MODES:
      image = _to_eight_bit(image)
    profile = _profile(image)
    if profile is not None:
      srgb = ImageCms.createProfile("sRGB")
      ImageCms.profileToProfile(image, profile, srgb, inPlace=True)
    if image.has_transparency_data:
      image = image.convert("RGBA")
      white = Image.new("RGB", image.size, (255, 255, 255))
      white.paste(image, mask=image)
      return white
    return image.convert("RGB")
  except Exception as error:  # As above.
    raise PhotoError(f"pixels of kind {image.mode} are unknown") from error


def _encoded(image: Image.Image) -> bytes:
  jpeg = io.BytesIO()
  image.save(jpeg, "JPEG", quality=JPEG_QUALITY, subsampling=0)
  return jpeg.getvalue()


def _to_eight_bit(image: Image.Image) -> Image.Image:
  """Maps 0 ... 65535 to 0 ... 255."""
  grey = np.empty((image.height, image.width), np.uint8)
  for top in range(0, image.height, _ROWS):  # All at once would take gigabytes.
    bottom = min(top + _ROWS, image.height)
    rows = np.asarray(image.crop((0, top, image.width, bottom)))
    grey[top:bottom] = (np.clip(rows, 0, 65535).astype(np.uint32) + 128) // 257
  return Image.fromarray(grey)
