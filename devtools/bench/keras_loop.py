"""What `VaeGanTrainer` is measured against: a plain Keras training loop.

The same networks, losses, optimizers and changes to the images, put together
as the Keras documentation does it: `keras.Model` with a `train_step` of its
own, run by `fit`. As in its GAN examples, discriminator and generator have a
gradient tape and a forward pass each; as in its VAE example, encoder and
generator share one. The optimizer is Keras's, with its averages. Images are
changed before the discriminator by one plain operation after the other.
Photos are decoded, cropped, resized and mirrored in a `map` of tf.data on all
cores and prefetched; they are not cached, since a set of photos does not fit
into memory in general. It is neither tuned nor slower than it is usually
written.
"""

import pathlib

import keras
import tensorflow as tf

from components.shared.data import draws as draws_lib
from components.shared.data import training_photos as photos_lib
from components.vae_gan_trainer import losses
from components.vae_gan_trainer import networks as networks_lib
from components.vae_gan_trainer import settings as settings_lib

_LOG_VARIANCE_RANGE = (-12.0, 12.0)
Draws = dict[str, tf.Tensor]
Losses = dict[str, tf.Tensor]


class VaeGan(keras.Model):
  """A VAE-GAN that `compile()` and `fit(dataset(...))` train.

  Args:
    settings: sizes, weights of the losses, learning rates.
  """

  def __init__(self, settings: settings_lib.VaeGanSettings):
    super().__init__()
    self._settings = settings
    networks = networks_lib.build(settings)
    self.encoder = networks.encoder
    self.generator = networks.generator
    self.discriminator = networks.discriminator
    self._generator_optimizer = _adam(settings.learning_rate, settings)
    self._judge_optimizer = _adam(settings.discriminator_learning_rate, settings)
    self._means = {
      name: keras.metrics.Mean(name)
      for name in ("feature", "pixel", "kl", "adversarial_loss", "discriminator")
    }

  @property
  def metrics(self) -> list[keras.metrics.Metric]:
    return list(self._means.values())

  def train_step(self, images: tf.Tensor) -> Losses:
    count = tf.shape(images)[0]
    latent = [count, self._settings.latent_size]
    step_losses = self.learn(
      images,
      {
        "noise": tf.random.normal(latent),
        "prior": tf.random.normal(latent),
        "augment": tf.random.uniform([count, draws_lib.AUGMENTATIONS], minval=-1.0),
      },
    )
    for name, value in step_losses.items():
      self._means[name].update_state(value)
    return {name: mean.result() for name, mean in self._means.items()}

  def learn(self, images: tf.Tensor, draws: Draws) -> Losses:
    """One step of both players.

    Args:
      images: float32 [n, s, s, 3] in [-1, 1].
      draws: `noise`, `prior` and `augment` of `draws.draw`, n rows each.

    Returns:
      The mean over the batch of each loss, before the step.
    """
    generator_variables = self.encoder.trainable_variables + self.generator.trainable_variables
    judge = self.discriminator.trainable_variables

    reconstructed, sampled, _, _ = self._make(images, draws)
    with tf.GradientTape() as tape:
      logits, _ = self._judge([images, reconstructed, sampled], draws)
      judge_loss = tf.reduce_mean(losses.discriminator(*logits))
    by_discriminator = tape.gradient(judge_loss, judge)

    with tf.GradientTape() as tape:
      reconstructed, sampled, mean, log_variance = self._make(images, draws)
      logits, features = self._judge([images, reconstructed, sampled], draws)
      terms = {
        "feature": losses.feature(features[0], features[1]),
        "pixel": losses.pixel(images, reconstructed),
        "kl": tf.reduce_mean(losses.kl(mean, log_variance), axis=-1),
        "adversarial_loss": losses.adversarial(logits[1], logits[2]),
      }
      terms = {name: tf.reduce_mean(term) for name, term in terms.items()}
      generator_loss = (
        self._settings.feature_weight * terms["feature"]
        + self._settings.pixel_weight * terms["pixel"]
        + self._settings.kl_weight * terms["kl"]
        + self._settings.adversarial_weight * terms["adversarial_loss"]
      )
    by_generator = tape.gradient(generator_loss, generator_variables)

    self._judge_optimizer.apply_gradients(zip(by_discriminator, judge, strict=True))
    self._generator_optimizer.apply_gradients(zip(by_generator, generator_variables, strict=True))
    return {**terms, "discriminator": judge_loss}

  def _make(self, images: tf.Tensor, draws: Draws) -> tuple[tf.Tensor, ...]:
    """Reconstructions, samples of the prior, and the codes' distribution."""
    mean, log_variance = self.encoder(images, training=True)
    log_variance = tf.clip_by_value(log_variance, *_LOG_VARIANCE_RANGE)
    codes = mean + draws["noise"] * tf.exp(0.5 * log_variance)
    made = self.generator(tf.concat([codes, draws["prior"]], axis=0), training=True)
    return (*tf.split(made, 2), mean, log_variance)

  def _judge(
    self, images: list[tf.Tensor], draws: Draws
  ) -> tuple[list[tf.Tensor], list[list[tf.Tensor]]]:
    """Logits and feature maps of each batch of images."""
    together = tf.concat(images, axis=0)
    if self._settings.augment:
      together = _changed(
        together, tf.tile(draws["augment"], [len(images), 1]), self._settings.augment
      )
    logits, *features = self.discriminator(together, training=True)
    layers = [tf.split(feature, len(images)) for feature in features]
    return (tf.split(logits, len(images)), [list(maps) for maps in zip(*layers, strict=True)])


def _changed(images: tf.Tensor, draws: tf.Tensor, extent: float) -> tf.Tensor:
  """What `augment.change` does, one change after the other."""
  side = images.shape[1]
  draws = draws * extent
  brightness, saturation, contrast = (draws[:, i, None, None, None] for i in range(3))
  grey = tf.reduce_mean(images, axis=3, keepdims=True)
  images = grey + (images - grey) * (1.0 + 0.5 * saturation)
  mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
  images = mean + (images - mean) * (1.0 + 0.3 * contrast)
  images += 0.4 * brightness
  scale = 1.0 + 0.1 * draws[:, 3]
  images = tf.einsum("nij,njkc->nikc", _moves(side, scale, draws[:, 4]), images)
  images = tf.einsum("nkj,nijc->nikc", _moves(side, scale, draws[:, 5]), images)
  positions = tf.linspace(-1.0, 1.0, side)
  rows = tf.abs(positions - draws[:, 6, None]) < 0.3 * extent
  columns = tf.abs(positions - draws[:, 7, None]) < 0.3 * extent
  blanked = rows[:, :, None, None] & columns[:, None, :, None]
  return tf.where(blanked, 0.0, images)


def _moves(side: int, scale: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
  """Matrices [n, side, side] that scale and shift a line, linearly."""
  centre = (side - 1) / 2.0
  positions = tf.range(side, dtype=tf.float32)
  sources = centre + (positions - centre) * scale[:, None] + 0.125 * side * shift[:, None]
  return tf.nn.relu(1.0 - tf.abs(sources[:, :, None] - positions))


def dataset(paths: list[pathlib.Path], settings: settings_lib.VaeGanSettings) -> tf.data.Dataset:
  """Shuffled batches of photos, float32 [b, s, s, 3] in [-1, 1]."""
  return (
    tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
    .shuffle(len(paths), seed=settings.seed)
    .map(lambda path: _photo(path, settings), tf.data.AUTOTUNE)
    .batch(settings.batch_size, drop_remainder=True)
    .prefetch(tf.data.AUTOTUNE)
  )


def _photo(path: tf.Tensor, settings: settings_lib.VaeGanSettings) -> tf.Tensor:
  image = photos_lib.middle(tf.io.read_file(path), settings.image_size)
  image = photos_lib.to_signed(image)
  return tf.image.random_flip_left_right(image) if settings.flip else image


def _adam(learning_rate: float, settings: settings_lib.VaeGanSettings) -> keras.optimizers.Adam:
  return keras.optimizers.Adam(
    learning_rate, beta_1=0.5, beta_2=0.99, use_ema=True, ema_momentum=settings.ema_momentum
  )
