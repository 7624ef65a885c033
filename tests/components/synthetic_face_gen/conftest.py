"""A generator that is arithmetic, and a few photos whose label it can see."""

import io
import pathlib

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from components import examples

SIDE = 16
LATENT = 4


class _Arithmetic(tf.Module):
  """Code 0 is the brightness, the others are the brightness of corners."""

  @tf.function(input_signature=[
      tf.TensorSpec([None, SIDE, SIDE, 3], tf.float32, name="image")])
  def encode(self, image):
    quarters = tf.nn.avg_pool2d(image, SIDE // 2, SIDE // 2, "VALID")[..., 0]
    flat = tf.reshape(quarters, [-1, 4]) * 4 - 2
    whole = tf.reduce_mean(flat, axis=1, keepdims=True)
    mean = tf.concat([whole, flat[:, 1:]], axis=1)
    return {"mean": mean, "log_variance": tf.zeros_like(mean)}

  @tf.function(input_signature=[
      tf.TensorSpec([None, LATENT], tf.float32, name="code")])
  def decode(self, code):
    brightness = (code[:, 0] + 2) / 4
    return {"image": tf.ones([1, SIDE, SIDE, 3])
                     * tf.clip_by_value(brightness, 0, 1)[:, None, None, None]}


def save(module, uri: pathlib.Path, *signatures: str) -> str:
  """Writes a Model artifact with these signatures; gives its URI."""
  tf.saved_model.save(
      module, str(uri / "Format-Serving"),
      signatures={name: getattr(module, name) for name in signatures})
  return str(uri)


@pytest.fixture(scope="session")
def arithmetic() -> tf.Module:
  return _Arithmetic()


@pytest.fixture(scope="session")
def model_uri(tmp_path_factory, arithmetic) -> str:
  return save(arithmetic, tmp_path_factory.mktemp("model"), "encode", "decode")


@pytest.fixture(scope="session")
def faces_uri(tmp_path_factory) -> str:
  """30 photos in `labeled`, 40 in `unlabeled`; bright ones have the
  attribute. `hand_labeled` cannot be read."""
  uri = tmp_path_factory.mktemp("faces")
  rng = np.random.default_rng(0)
  for split, count, name in (("labeled", 30, "label"),
                             ("unlabeled", 40, "held_out_label")):
    folder = pathlib.Path(examples.split_folder(str(uri), split))
    folder.mkdir()
    with tf.io.TFRecordWriter(
        str(folder / "data_tfrecord-00000-of-00001.gz"),
        tf.io.TFRecordOptions("GZIP")) as writer:
      for index in range(count):
        label = index % 2
        writer.write(examples.encode({
            "image_id": f"{split}{index}.jpg".encode(),
            "image": _photo(rng, label), "domain": examples.REAL,
            name: label}))
  unseen = pathlib.Path(examples.split_folder(str(uri), "hand_labeled"))
  unseen.mkdir()
  (unseen / "data_tfrecord-00000-of-00001.gz").write_bytes(b"not a record")
  return str(uri)


def _photo(rng: np.random.Generator, label: int) -> bytes:
  base = 160 if label else 90
  quarters = np.clip(rng.normal(base, 25, [2, 2, 1]), 0, 255)
  pixels = np.kron(quarters, np.ones([SIDE // 2, SIDE // 2, 3]))
  buffer = io.BytesIO()
  Image.fromarray(pixels.astype(np.uint8)).save(buffer, format="JPEG")
  return buffer.getvalue()
