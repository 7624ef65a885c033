"""A DCGAN of rendered faces, its weights as a package ships them.

Radford et al. 2016 (arXiv:1511.06434), trained by the author of the package
`gan-face-generate` on DigiFace-1M (Bae et al. 2023, arXiv:2210.02579): faces of
nobody, away from photos like CelebA's. It has no encoder.

The weights are PyTorch's: a zip with one member for each tensor, raw numbers,
and a pickle that names them. The pickle is neither run nor read: the file is
known by its hash, and the tensors' order and shapes are the network's.
"""

import os
import zipfile

import keras
import numpy as np
import tensorflow as tf

from components.shared.core import errors, zip_members

LATENT_SIZE = 100
IMAGE_SIZE = 64
_WIDTHS = (512, 256, 128, 64)
_COLOURS = 3
_KERNEL = 4
_EPSILON = 1e-5  # of PyTorch's BatchNorm2d
# What follows a convolution: scale, shift, running mean, running variance, and
# the number of batches so far, which nothing needs.
_NORMALIZATION = 4
_MEMBER = "weights/data/{}"


def build(folded: bool = False, policy: str | keras.DTypePolicy = "float32") -> keras.Model:
  """The network without its weights.

  Args:
    folded: without batch normalisation, each transposed convolution that had
      it has a bias instead; `fold` gives its weights.
    policy: of Keras, for all but the output, which stays float32.

  Returns:
    float32 [n, 100], codes from N(0, 1) -> float32 [n, 64, 64, 3] in [-1, 1].
  """
  code = keras.Input((LATENT_SIZE,), name="code")
  x = keras.layers.Reshape((1, 1, LATENT_SIZE), dtype=policy)(code)
  for number, width in enumerate(_WIDTHS):
    x = _transposed(width, policy, first=number == 0, use_bias=folded)(x)
    if not folded:
      x = keras.layers.BatchNormalization(epsilon=_EPSILON, dtype=policy)(x)
    x = keras.layers.ReLU(dtype=policy)(x)
  x = _transposed(_COLOURS, policy)(x)
  image = keras.layers.Activation("tanh", dtype="float32")(x)
  return keras.Model(code, image, name="generator")


def _transposed(
  width: int, policy: str | keras.DTypePolicy, first: bool = False, use_bias: bool = False
):
  """From 1x1 to 4x4 at first, then to twice the side."""
  return keras.layers.Conv2DTranspose(
    width, _KERNEL, 1 if first else 2, "valid" if first else "same", use_bias=use_bias, dtype=policy
  )


def fold(model: keras.Model) -> list[np.ndarray]:
  """Weights for `build(folded=True)` that give what a model gives.

  In inference batch normalisation scales and shifts each channel by constants,
  as a kernel and a bias can.

  Args:
    model: of `build()`.

  Returns:
    float32 arrays: kernels [h, w, outputs, inputs] and, after each but the
    last, biases [outputs].
  """
  weights = []
  for layer in model.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
      scale, shift, mean, variance = layer.get_weights()
      scale = scale / np.sqrt(variance + layer.epsilon)
      weights[-1] = weights[-1] * scale[:, None]
      weights.append(shift - mean * scale)
    else:
      weights.extend(layer.get_weights())
  return weights


def load_weights(model: keras.Model, path: os.PathLike) -> None:
  """Fills the network of `build`.

  Raises:
    UserError: the file is not the package's.
  """
  try:
    with zipfile.ZipFile(path) as archive:
      layers = _layers(archive)
  except (zip_members.UnknownWay, *zip_members.DAMAGE) as error:
    raise errors.UserError(f"{path}: not the weights of dcgan-digiface ({error})") from None
  waiting = iter(layers)
  for layer in model.layers:
    if layer.weights:
      layer.set_weights(next(waiting))


def _layers(archive: zipfile.ZipFile) -> list[list[np.ndarray]]:
  """Each layer's arrays, in Keras' order and shapes."""
  layers, number, inputs = [], 0, LATENT_SIZE
  for width in (*_WIDTHS, _COLOURS):
    # PyTorch: inputs, outputs, height, width; Keras: height, width, outputs,
    # inputs.
    kernel = _tensor(archive, number, (inputs, width, _KERNEL, _KERNEL))
    layers.append([kernel.transpose(2, 3, 1, 0)])
    if width != _COLOURS:
      layers.append(
        [_tensor(archive, number + 1 + place, (width,)) for place in range(_NORMALIZATION)]
      )
    number += 1 + _NORMALIZATION + 1
    inputs = width
  return layers


def _tensor(archive: zipfile.ZipFile, number: int, shape: tuple[int, ...]) -> np.ndarray:
  name = _MEMBER.format(number)
  wanted = int(np.prod(shape)) * 4
  if archive.getinfo(name).file_size != wanted:
    raise ValueError(f"{name} does not have the {wanted} bytes of {shape}")
  tensor = np.frombuffer(zip_members.read(archive, name, wanted), "<f4").reshape(shape)
  if not np.isfinite(tensor).all():
    raise ValueError(f"{name} holds NaN or infinite numbers")
  return tensor


def save(model: keras.Model, folder: str) -> None:
  """Writes a SavedModel with the signature `decode` of
  `vae_gan_trainer.export.save`."""
  archive = keras.export.ExportArchive()
  archive.track(model)
  archive.add_endpoint(
    "decode",
    lambda code: {"image": (model(code, training=False) + 1) / 2},
    input_signature=[tf.TensorSpec([None, LATENT_SIZE], tf.float32, name="code")],
  )
  archive.write_out(folder, verbose=False)
