"""A generator that is arithmetic, and photos whose label it can see: bright
ones have the attribute."""

import io
import pathlib

import numpy as np
import tensorflow as tf
from PIL import Image

from components.shared.data import examples
from components.shared.networks import engine_artifact, handler

COUNTS = {"labeled": 30, "unlabeled": 40}
SIDE = 16
LATENT = 4


class Arithmetic(tf.Module):
  """Code 0 is the brightness, the others are the brightness of corners."""

  @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 3], tf.float32, name="image")])
  def encode(self, image):
    quarters = tf.nn.avg_pool2d(image, SIDE // 2, SIDE // 2, "VALID")[..., 0]
    flat = tf.reshape(quarters, [-1, 4]) * 4 - 2
    whole = tf.reduce_mean(flat, axis=1, keepdims=True)
    mean = tf.concat([whole, flat[:, 1:]], axis=1)
    return {"mean": mean, "log_variance": tf.zeros_like(mean)}

  @tf.function(input_signature=[tf.TensorSpec([None, LATENT], tf.float32, name="code")])
  def decode(self, code):
    brightness = (code[:, 0] + 2) / 4
    return {
      "image": tf.ones([1, SIDE, SIDE, 3]) * tf.clip_by_value(brightness, 0, 1)[:, None, None, None]
    }


def save(module, uri: pathlib.Path, *signatures: str) -> str:
  """Writes a Model artifact with these signatures; gives its URI."""
  tf.saved_model.save(
    module,
    str(uri / "Format-Serving"),
    signatures={name: getattr(module, name) for name in signatures},
  )
  return str(uri)


def write_faces(uri: pathlib.Path) -> str:
  """Examples of faces: 70 photos in `training`; `reserved` cannot be read."""
  rng = np.random.default_rng(0)
  path = examples.shard_path(str(uri), examples.TRAINING, 0, 1)
  with examples.open_shard(path) as writer:
    for split, count in COUNTS.items():
      for index in range(count):
        writer.write(
          examples.encode(
            {
              "image_id": f"{split}{index}.jpg".encode(),
              "image": _photo(rng, index % 2),
              "domain": examples.REAL,
            }
          )
        )
  unseen = pathlib.Path(examples.split_folder(str(uri), examples.RESERVED))
  unseen.mkdir()
  (unseen / "data_tfrecord-00000-of-00001.gz").write_bytes(b"not a record")
  return str(uri)


def engine(network_uri: str) -> str:
  """URI of a TensorFlow engine beside the network."""
  uri = pathlib.Path(network_uri, "engine")
  uri.mkdir(exist_ok=True)
  engine_artifact.write(str(uri), engine_artifact.Description(kind="tensorflow", reason="a test"))
  return str(uri)


def face_handler(network_uri: str) -> handler.FaceModelHandler:
  """What embeds faces with the small network."""
  return handler.FaceModelHandler(engine(network_uri), network_uri, input_size=SIDE, batch_size=8)


def write_embeddings(faces_uri: str, network_uri: str, uri: pathlib.Path) -> str:
  """Examples of embeddings of the same photos, 30 with labels in `labeled`, and
  40 in `unlabeled`, whose labels are held back."""
  embedder = face_handler(network_uri)
  loaded = embedder.load_model()
  photos = [
    examples.decode(record)
    for record in examples.dataset(faces_uri, examples.TRAINING).as_numpy_iterator()
  ]
  for split, name in (("labeled", "label_Male"), ("unlabeled", "held_out_label_Male")):
    with examples.open_shard(examples.shard_path(str(uri), split, 0, 1)) as writer:
      mine = [photo for photo in photos if photo["image_id"].startswith(split.encode())]
      for index, features in enumerate(mine):
        (embedding,) = embedder.run_inference([features.pop("image")], loaded)
        writer.write(
          examples.encode({**features, name: index % 2, "embedding": embedding.tolist()})
        )
  return str(uri)


def _photo(rng: np.random.Generator, label: int) -> bytes:
  base = 160 if label else 90
  quarters = np.clip(rng.normal(base, 25, [2, 2, 1]), 0, 255)
  pixels = np.kron(quarters, np.ones([SIDE // 2, SIDE // 2, 3]))
  buffer = io.BytesIO()
  Image.fromarray(pixels.astype(np.uint8)).save(buffer, format="JPEG")
  return buffer.getvalue()
