"""Which part of a photo the network sees."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from components.shared.networks import preprocessing


def _encode(pixels: np.ndarray, mode: str = "RGB", format: str = "PNG") -> bytes:
  stream = io.BytesIO()
  Image.fromarray(pixels).convert(mode).save(stream, format)
  return stream.getvalue()


def _decode(image: bytes, size: int) -> np.ndarray:
  faces = preprocessing.decode_faces(tf.constant([image]), size)
  assert faces.dtype == tf.float32 and faces.shape == (1, size, size, 3)
  return faces.numpy()[0]


@pytest.mark.parametrize("shape", [(218, 178), (178, 218), (178, 178)])
def test_takes_the_central_square(shape):
  pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
  top, left = (shape[0] - 178) // 2, (shape[1] - 178) // 2
  np.testing.assert_array_equal(
    _decode(_encode(pixels), 178), pixels[top : top + 178, left : left + 178]
  )


def test_a_photo_and_its_square_are_the_same(sample_photos):
  photo = (sample_photos / "000150.jpg").read_bytes()
  pixels = np.asarray(tf.io.decode_image(photo))
  np.testing.assert_array_equal(_decode(photo, 160), _decode(_encode(pixels[20:198]), 160))


def test_shrinks_without_aliasing():
  stripes = np.zeros((256, 256, 3), np.uint8)
  stripes[:, ::2] = 255
  inner = _decode(_encode(stripes), 64)[4:-4, 4:-4]
  np.testing.assert_allclose(inner, 127.5, atol=2)


def test_channel_order_and_range():
  red = np.zeros((40, 40, 3), np.uint8)
  red[..., 0] = 255
  np.testing.assert_array_equal(_decode(_encode(red), 20)[7, 7], (255, 0, 0))


@pytest.mark.parametrize(
  "mode, format", [("L", "JPEG"), ("L", "PNG"), ("RGBA", "PNG"), ("L", "GIF")]
)
def test_other_kinds_of_image(mode, format):
  gray = np.full((30, 40, 3), 100, np.uint8)
  np.testing.assert_allclose(_decode(_encode(gray, mode, format), 20), 100, atol=4)


def test_works_in_a_graph_on_any_number(photos):
  graph = tf.function(
    lambda images: preprocessing.decode_faces(images, 32),
    input_signature=[tf.TensorSpec([None], tf.string)],
  )
  assert graph(tf.constant(photos)).shape == (16, 32, 32, 3)
  assert graph(tf.constant([], tf.string)).shape == (0, 32, 32, 3)
