"""FaceNet's network against the one that the weights file describes."""

import json
import pathlib
from collections.abc import Callable

import h5py
import numpy as np
import tensorflow as tf

from components.shared.networks import facenet, networks

_Op = Callable[..., tf.Tensor]


def _op(config: dict, arrays: dict[str, np.ndarray]) -> _Op:
  """A layer of the file's `model_config` in plain TensorFlow ops."""
  layer = config["config"]
  padding = layer.get("padding", "").upper()

  def conv(x):
    y = tf.nn.conv2d(x, arrays["kernel"], layer["strides"], padding)
    return y + arrays["bias"] if layer["use_bias"] else y

  def batch_norm(x):
    return tf.nn.batch_normalization(
      x, arrays["moving_mean"], arrays["moving_variance"], arrays["beta"], None, layer["epsilon"]
    )

  return {
    "Conv2D": conv,
    "BatchNormalization": batch_norm,
    "Activation": tf.nn.relu,
    "MaxPooling2D": lambda x: tf.nn.max_pool2d(x, layer["pool_size"], layer["strides"], padding),
    "Concatenate": lambda *xs: tf.concat(xs, layer["axis"]),
    # All that the Lambdas do; their bytecode stays unread.
    "Lambda": lambda x: x * layer["arguments"]["scale"],
    "Add": lambda x, y: x + y,
    "GlobalAveragePooling2D": lambda x: tf.reduce_mean(x, (1, 2)),
    "Dropout": lambda x: x,
    "Dense": lambda x: x @ arrays["kernel"],
  }[config["class_name"]]


def _described_network(path: pathlib.Path, pixels: tf.Tensor) -> np.ndarray:
  """Runs the graph that the weights file describes."""
  with h5py.File(path) as file:
    layers = json.loads(file.attrs["model_config"])["config"]["layers"]
    values = {}
    for layer in layers:
      name = layer["name"]
      if layer["class_name"] == "InputLayer":
        values[name] = (pixels - 127.5) / 128
        continue
      group = file["model_weights"][name].get(name, {})
      arrays = {key.split(":")[0]: group[key][...] for key in group}
      inputs = [values[node[0]] for node in layer["inbound_nodes"][0]]
      values[name] = _op(layer, arrays)(*inputs)
  return values[layers[-1]["name"]].numpy()


def test_equals_the_network_that_the_file_describes(facenet_model, facenet_weights, photos):
  pixels = networks.FACENET.decode_faces(tf.constant(photos))
  expected = _described_network(facenet_weights, pixels)
  found = facenet_model(pixels, training=False).numpy()
  assert expected.std() > 0.5
  np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_a_mirrored_photo_is_the_same_face(facenet_model, photos):
  pixels = networks.FACENET.decode_faces(tf.constant(photos))
  unit = [
    tf.math.l2_normalize(facenet_model(p, training=False), 1).numpy()
    for p in (pixels, pixels[:, :, ::-1])
  ]
  cosines = unit[0] @ unit[1].T
  same = np.median(np.diag(cosines))
  others = np.median(cosines[~np.eye(len(photos), dtype=bool)])
  assert same > 0.7
  assert others < same - 0.3


def test_widths_and_layers():
  model = facenet.build()
  assert model.input_shape == (None, 160, 160, 3)
  assert model.output_shape == (None, 128)
  assert sum(1 for layer in model.layers if layer.weights) == 133
