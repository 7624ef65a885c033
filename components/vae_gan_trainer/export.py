"""The trained generator as a SavedModel that plain TensorFlow can load."""

import tensorflow as tf

from components.shared.data import training_photos as photos
from components.vae_gan_trainer import networks as networks_lib
from components.vae_gan_trainer import settings as settings_lib


def save(
  networks: networks_lib.Networks, settings: settings_lib.VaeGanSettings, folder: str
) -> None:
  """Writes a SavedModel, in float32 whatever the precision of training.

  Signatures, for any number n of images of side s and codes of width z:

    encode: image, float32 [n, s, s, 3] in [0, 1] -> mean and log_variance,
      float32 [n, z].
    decode: code, float32 [n, z] -> image, float32 [n, s, s, 3] in [0, 1].
    discriminate: image, as above -> probability of being a photo, float32 [n].

  Args:
    networks: whose weights are saved.
    settings: what they were built with.
    folder: of the SavedModel.
  """
  plain = networks_lib.build(settings)
  for source, target in zip(networks, plain, strict=True):
    target.set_weights(source.get_weights())
  module = _Exported(plain, settings)
  tf.saved_model.save(
    module,
    folder,
    signatures={
      "encode": module.encode,
      "decode": module.decode,
      "discriminate": module.discriminate,
    },
  )


class _Exported(tf.Module):
  """The networks' functions, and the variables that they read."""

  def __init__(self, networks: networks_lib.Networks, settings: settings_lib.VaeGanSettings):
    super().__init__(name="vae_gan")
    self.weights = [variable.value for network in networks for variable in network.variables]
    side = settings.image_size
    image = tf.TensorSpec([None, side, side, 3], tf.float32, name="image")
    code = tf.TensorSpec([None, settings.latent_size], tf.float32, name="code")

    def encode(image: tf.Tensor) -> dict[str, tf.Tensor]:
      mean, log_variance = networks.encoder(_signed(image))
      return {"mean": mean, "log_variance": log_variance}

    def decode(code: tf.Tensor) -> dict[str, tf.Tensor]:
      return {"image": photos.to_unit(networks.generator(code))}

    def discriminate(image: tf.Tensor) -> dict[str, tf.Tensor]:
      logit = networks.discriminator(_signed(image))[0]
      return {"probability": tf.sigmoid(logit[:, 0])}

    self.encode = tf.function(encode, input_signature=[image])
    self.decode = tf.function(decode, input_signature=[code])
    self.discriminate = tf.function(discriminate, input_signature=[image])


def _signed(images: tf.Tensor) -> tf.Tensor:
  return 2.0 * images - 1.0
