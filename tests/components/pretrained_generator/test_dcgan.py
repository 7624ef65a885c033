"""The DCGAN's real weights, against PyTorch's definition of its layers."""

import pathlib
import zipfile

import keras
import numpy as np
import pytest

from components.shared import assets
from components.shared.core import errors
from components.shared.generators import dcgan, generator


@pytest.fixture(scope="module")
def weights() -> pathlib.Path:
  return assets.fetch("dcgan-digiface")


@pytest.fixture(scope="module")
def model(weights):
  built = dcgan.build()
  dcgan.load_weights(built, weights)
  return built


def _transposed(x, kernel, stride, padding):
  """PyTorch's ConvTranspose2d: each input adds its kernel to the output.

  Args:
    x: [inputs, h, w]; kernel: [inputs, outputs, k, k].
  """
  side, size = x.shape[1], kernel.shape[2]
  whole = (side - 1) * stride + size
  out = np.zeros([kernel.shape[1], whole, whole])
  for row in range(side):
    for column in range(side):
      top, left = row * stride, column * stride
      out[:, top : top + size, left : left + size] += np.einsum(
        "i,iokl->okl", x[:, row, column], kernel
      )
  return out[:, padding : whole - padding, padding : whole - padding]


def _reference(path: pathlib.Path, code: np.ndarray) -> np.ndarray:
  """One image [64, 64, 3] in [-1, 1], from the numbers in the file."""
  with zipfile.ZipFile(path) as archive:

    def tensor(number, *shape):
      return (
        np.frombuffer(archive.read(f"weights/data/{number}"), "<f4")
        .astype(np.float64)
        .reshape(shape)
      )

    x, inputs = code.reshape(-1, 1, 1).astype(np.float64), 100
    for layer, width in enumerate((512, 256, 128, 64)):
      first = 6 * layer
      x = _transposed(x, tensor(first, inputs, width, 4, 4), *((1, 0) if layer == 0 else (2, 1)))
      scale, shift, mean, variance = (tensor(first + place, width, 1, 1) for place in (1, 2, 3, 4))
      x = (x - mean) / np.sqrt(variance + 1e-5) * scale + shift
      x, inputs = np.maximum(x, 0), width
    return np.tanh(_transposed(x, tensor(24, 64, 3, 4, 4), 2, 1)).transpose(1, 2, 0)


def test_images_are_those_of_the_definition(model, weights):
  codes = np.random.default_rng(0).standard_normal([2, dcgan.LATENT_SIZE])
  images = model.predict(codes, verbose=0)
  assert images.shape == (2, dcgan.IMAGE_SIZE, dcgan.IMAGE_SIZE, 3)
  for code, image in zip(codes, images, strict=True):
    np.testing.assert_allclose(image, _reference(weights, code), atol=1e-4)


def test_saved_it_is_a_generator_without_encoder(model, tmp_path):
  dcgan.save(model, str(tmp_path))
  loaded = generator.Generator(str(tmp_path))
  assert (loaded.image_size, loaded.latent_size) == (64, 100)
  assert not loaded.has_encoder
  codes = np.random.default_rng(1).standard_normal([3, 100])
  expected = (model.predict(codes, verbose=0) + 1) / 2 * 255
  np.testing.assert_allclose(loaded.decode(codes), expected, atol=1.0)


def test_faces_differ(model):
  codes = np.random.default_rng(2).standard_normal([16, 100])
  images = model.predict(codes, verbose=0)
  assert images.std(axis=0).mean() > 0.2


@pytest.mark.parametrize("damage", ["no zip", "missing", "short", "nan"])
def test_another_file_is_refused(weights, tmp_path, damage):
  path = tmp_path / "weights.tar"
  if damage == "no zip":
    path.write_bytes(b"not a zip")
  else:
    with zipfile.ZipFile(weights) as source, zipfile.ZipFile(path, "w") as target:
      for name in source.namelist():
        data = source.read(name)
        if name == "weights/data/7":
          if damage == "missing":
            continue
          data = data[:-4] if damage == "short" else (b"\x00\x00\xc0\x7f" + data[4:])
        target.writestr(name, data)
  with pytest.raises(errors.UserError, match="not the weights of dcgan"):
    dcgan.load_weights(dcgan.build(), path)


def test_folded_it_gives_the_same_images(model):
  folded = dcgan.build(folded=True)
  folded.set_weights(dcgan.fold(model))
  assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in folded.layers)
  codes = np.random.default_rng(3).standard_normal([8, dcgan.LATENT_SIZE])
  np.testing.assert_allclose(
    folded.predict(codes, verbose=0), model.predict(codes, verbose=0), atol=1e-4
  )
