import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from components.shared.data import photos


def _decoded(data: bytes) -> np.ndarray:
  return tf.io.decode_jpeg(data, channels=3).numpy()


def _file(image: Image.Image, format: str, **options) -> bytes:
  stream = io.BytesIO()
  image.save(stream, format, **options)
  return stream.getvalue()


def _half() -> Image.Image:
  """40 x 20 pixels, the left half white and the right one black."""
  pixels = np.zeros((20, 40, 3), np.uint8)
  pixels[:, :20] = 255
  return Image.fromarray(pixels)


def test_sound_jpegs_are_left_alone(encode, sample_photos):
  sound = [
    encode(),
    encode("L"),
    encode(progressive=True),
    (sample_photos / "000007.jpg").read_bytes(),
  ]
  for data in sound:
    assert photos.to_jpeg(data) is data


@pytest.mark.parametrize(
  "mode, format",
  [
    ("CMYK", "JPEG"),
    ("RGB", "PNG"),
    ("RGBA", "PNG"),
    ("P", "PNG"),
    ("1", "PNG"),
    ("LA", "PNG"),
    ("RGB", "WEBP"),
    ("P", "GIF"),
    ("RGB", "BMP"),
    ("RGB", "TIFF"),
  ],
)
def test_others_are_converted(encode, mode, format):
  data = encode(mode, format=format)
  jpeg = photos.to_jpeg(data)
  assert jpeg[:2] == b"\xff\xd8"
  assert _decoded(jpeg).shape == (32, 24, 3)
  assert photos.to_jpeg(data) == jpeg
  assert photos.to_jpeg(jpeg) is jpeg


def test_conversion_keeps_the_picture(sample_photos):
  image = Image.open(sample_photos / "000007.jpg")
  for format, options in (("PNG", {}), ("WEBP", {"lossless": True})):
    jpeg = photos.to_jpeg(_file(image, format, **options))
    difference = _decoded(jpeg).astype(float) - np.asarray(image, float)
    assert np.abs(difference).mean() < 1.5


@pytest.mark.parametrize(
  "orientation, white", [(1, "left"), (3, "right"), (6, "top"), (8, "bottom")]
)
def test_exif_rotation_is_applied(orientation, white):
  exif = Image.Exif()
  exif[0x0112] = orientation
  data = _file(_half(), "JPEG", quality=95, exif=exif)
  jpeg = photos.to_jpeg(data)
  assert (jpeg is data) == (orientation == 1)
  pixels = _decoded(jpeg).astype(float)
  height, width, _ = pixels.shape
  part = {
    "left": pixels[:, : width // 2],
    "right": pixels[:, width // 2 :],
    "top": pixels[: height // 2],
    "bottom": pixels[height // 2 :],
  }[white]
  assert part.mean() > 240
  assert Image.open(io.BytesIO(jpeg)).getexif().get(0x0112, 1) == 1


def test_sixteen_bits_are_scaled():
  values = np.linspace(0, 65535, 32 * 32).reshape(32, 32).astype(np.uint16)
  jpeg = photos.to_jpeg(_file(Image.fromarray(values), "PNG"))
  difference = _decoded(jpeg)[..., 0] - values / 257
  assert np.abs(difference).max() < 4


def test_transparency_becomes_white():
  image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
  assert _decoded(photos.to_jpeg(_file(image, "PNG"))).min() > 250


def test_first_frame_of_an_animation():
  frames = [Image.new("L", (20, 20), value) for value in (255, 0)]
  data = _file(frames[0], "GIF", save_all=True, append_images=frames[1:])
  assert _decoded(photos.to_jpeg(data)).min() > 250


def test_first_photo_of_a_multi_picture_file():
  frames = [Image.new("RGB", (20, 20), (v, v, v)) for v in (255, 0)]
  data = _file(frames[0], "MPO", save_all=True, append_images=frames[1:])
  jpeg = photos.to_jpeg(data)
  assert len(jpeg) < len(data)
  assert _decoded(jpeg).min() > 250


@pytest.mark.parametrize(
  "change, reason",
  [
    (lambda data: b"", "empty file"),
    (lambda data: b"no image", "not an image"),
    (lambda data: bytes(1000), "not an image"),
    (lambda data: data[: len(data) // 2], "damaged or cut off"),
    (lambda data: data[:-2], "damaged or cut off"),
    (lambda data: data[:30], "not an image|damaged"),
    (lambda data: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n", "not an image"),
  ],
)
def test_refuses_what_is_unreadable(encode, change, reason):
  with pytest.raises(photos.PhotoError, match=reason):
    photos.to_jpeg(change(encode(size=(64, 64))))


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_refuses_other_formats_cut_off(encode, format):
  data = encode(size=(64, 64), format=format)
  with pytest.raises(photos.PhotoError):
    photos.to_jpeg(data[: len(data) // 2])


def test_refuses_sizes_without_decoding(encode):
  with pytest.raises(photos.PhotoError, match="too small: 15 x 32"):
    photos.to_jpeg(encode(size=(15, 32)))
  assert photos.to_jpeg(encode(size=(16, 16)))
  for side in (11_600, 17_000):  # the second is beyond Pillow's own limit
    large = _file(Image.new("1", (side, side)), "PNG")
    with pytest.raises(photos.PhotoError, match="too large"):
      photos.to_jpeg(large)


def test_refuses_sides_that_no_jpeg_has():
  data = _file(Image.new("1", (65_501, 16)), "PNG")
  with pytest.raises(photos.PhotoError, match="too long: 65501 x 16"):
    photos.to_jpeg(data)


@pytest.mark.parametrize("orientation", [2, 4, 5, 7])
def test_mirrored_photos_are_turned_as_pillow_does(orientation):
  exif = Image.Exif()
  exif[0x0112] = orientation
  data = _file(_half(), "PNG", exif=exif)
  expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
  np.testing.assert_array_equal(photos.to_pixels(data), np.asarray(expected))


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_unknown_orientations_leave_a_photo_alone(orientation):
  exif = Image.Exif()
  exif[0x0112] = orientation
  data = _file(_half(), "JPEG", exif=exif)
  assert photos.to_jpeg(data) is data


def _with(jpeg: bytes, marker: int, content: bytes, times: int = 1) -> bytes:
  segment = struct.pack(">BBH", 255, marker, len(content) + 2) + content
  return jpeg[:2] + segment * times + jpeg[2:]


@pytest.mark.parametrize(
  "marker, content, times, reason",
  [
    (0xE3, b"", 30_000, "too many pieces"),
    (0xE1, b"Exif\0\0II*\0" + bytes(60_000), 2, "EXIF data are too large"),
    (0xE2, b"MPF\0II*\0" + bytes(9000), 1, "index of pictures"),
  ],
)
def test_refuses_headers_that_take_long(encode, marker, content, times, reason):
  data = _with(encode(), marker, content, times)
  for read in (photos.to_jpeg, photos.to_pixels, photos.is_plain_jpeg):
    with pytest.raises(photos.PhotoError, match=reason):
      read(data)


def test_refuses_a_photo_that_is_scanned_over_and_over():
  data = _file(Image.new("L", (7000, 7000)), "JPEG", progressive=True)
  scan = data[data.rindex(b"\xff\xda") : -2]
  photos.is_plain_jpeg(data)
  with pytest.raises(photos.PhotoError, match="too many scans"):
    photos.is_plain_jpeg(data[:-2] + scan * 100 + data[-2:])
