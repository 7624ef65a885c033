"""Pillow's decoding does what serving's decoding does."""

import io
from concurrent import futures

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from components.shared.core import errors
from components.shared.networks import decoding, preprocessing


def _encode(pixels: np.ndarray, form: str = "PNG", **options) -> bytes:
  stream = io.BytesIO()
  Image.fromarray(pixels).save(stream, form, **options)
  return stream.getvalue()


def _smooth(height: int, width: int) -> np.ndarray:
  """A picture whose content survives any scale."""
  y, x = np.mgrid[:height, :width]
  return np.stack(
    [255 * x / width, 255 * y / height, 127 + 120 * np.sin(6 * (x / width + y / height))], axis=-1
  ).astype(np.uint8)


@pytest.mark.parametrize("size", [160, 224])
def test_same_face_as_in_serving(sample_photos, size):
  photos = [(sample_photos / f"{number:06d}.jpg").read_bytes() for number in range(101, 133)]
  with futures.ThreadPoolExecutor(2) as threads:
    faces = decoding.decode_faces(photos, size, threads)
  served = preprocessing.decode_faces(tf.constant(photos), size).numpy()
  assert faces.dtype == np.uint8 and faces.shape == (32, size, size, 3)
  difference = np.abs(faces - served)
  # Rounding and the JPEG libraries' arithmetic; a shift by one pixel gives 4.
  assert difference.mean() < 1.5
  assert np.quantile(difference, 0.999) < 8


@pytest.mark.parametrize("height, width", [(1200, 900), (900, 1200)])
def test_large_photos_decoded_at_a_smaller_scale(height, width):
  pixels = _smooth(height, width)
  fast = decoding.decode_face(_encode(pixels, "JPEG", quality=95), 100)
  exact = decoding.decode_face(_encode(pixels), 100)
  np.testing.assert_allclose(fast.astype(int), exact.astype(int), atol=4)


def test_shrinks_without_aliasing():
  stripes = np.zeros((256, 256, 3), np.uint8)
  stripes[:, ::2] = 255
  for form in ("PNG", "JPEG"):
    inner = decoding.decode_face(_encode(stripes, form), 32)[4:-4, 4:-4]
    np.testing.assert_allclose(inner, 127.5, atol=3)


def test_channel_order():
  red = np.zeros((40, 40, 3), np.uint8)
  red[..., 0] = 255
  np.testing.assert_array_equal(decoding.decode_face(_encode(red), 20)[7, 7], (255, 0, 0))


@pytest.mark.parametrize(
  "mode, form", [("L", "JPEG"), ("CMYK", "JPEG"), ("RGBA", "PNG"), ("L", "GIF")]
)
def test_other_kinds_of_image(mode, form):
  stream = io.BytesIO()
  Image.new("RGB", (40, 30), (100, 100, 100)).convert(mode).save(stream, form)
  np.testing.assert_allclose(decoding.decode_face(stream.getvalue(), 20), 100, atol=4)


@pytest.mark.parametrize("image", [b"", b"no photo", _encode(_smooth(60, 60), "JPEG")[:500]])
def test_what_is_no_photo_is_an_error_in_one_line(image):
  with pytest.raises(errors.UserError, match="can't be decoded") as caught:
    decoding.decode_face(image, 20)
  assert "\n" not in str(caught.value)
