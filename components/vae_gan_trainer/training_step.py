"""One step of training, on one device or on several."""

from typing import Any

import keras
import tensorflow as tf

from components.shared.data import augment
from components.vae_gan_trainer import adam, losses
from components.vae_gan_trainer import loss_scale as loss_scale_lib
from components.vae_gan_trainer import networks as networks_lib
from components.vae_gan_trainer import settings as settings_lib

Batch = dict[str, tf.Tensor]
SCALARS = (
  "generator_loss",
  "feature",
  "pixel",
  "kl",
  "adversarial_loss",
  "discriminator",
  "probability_real",
  "probability_reconstructed",
  "probability_sampled",
)
"""What a step reports beside `kl_by_dimension`. `generator_loss` is what encoder and
generator minimise, `adversarial_loss` its adversarial term; the rest are named as in
`losses`."""

_LOG_VARIANCE_RANGE = (-12.0, 12.0)


class Learner:
  """Networks, optimizers and the step that changes them.

  To be built, and called, in the scope of its `tf.distribute` strategy.

  Attributes:
    networks: those that are trained.
    averages: their moving averages; these are kept.
    objects: what a checkpoint has to hold, by name.
  """

  def __init__(self, settings: settings_lib.VaeGanSettings, precision: str):
    self._settings = settings
    self.networks = networks_lib.build(settings, precision)
    self.averages = networks_lib.build(settings, precision)
    self._scale = loss_scale_lib.LossScale(dynamic=precision == "mixed_float16")
    self._generator_optimizer = adam.Adam(
      variables=_generator_variables(self.networks),
      averages=_generator_variables(self.averages),
      learning_rate=settings.learning_rate,
      momentum=settings.ema_momentum,
    )
    self._discriminator_optimizer = adam.Adam(
      variables=_judge(self.networks),
      averages=_judge(self.averages),
      learning_rate=settings.discriminator_learning_rate,
      momentum=settings.ema_momentum,
    )

  @property
  def objects(self) -> dict[str, Any]:
    averages = self.averages._asdict()
    return {
      **self.networks._asdict(),
      **{f"average_{name}": averages[name] for name in averages},
      "generator_optimizer": self._generator_optimizer,
      "discriminator_optimizer": self._discriminator_optimizer,
      "loss_scale": self._scale,
    }

  def replica_step(self, batch: Batch, global_batch: int) -> Batch:
    """One step on this device's part of a batch.

    Args:
      batch: `image`, float32 [n, s, s, 3] in [-1, 1], and what `draws.draw`
        gives, n rows each.
      global_batch: photos over all devices.

    Returns:
      Scalars: this part's share of each loss; their sum over the devices is
      the mean over the whole batch. `kl_by_dimension` is [z].
    """
    with tf.GradientTape(persistent=True) as tape:
      terms = self._terms(batch)
      shares = {name: tf.reduce_sum(value, axis=0) / global_batch for name, value in terms.items()}
      generator_loss = self._scale.scaled(self._generator_loss(shares))
      judge_loss = self._scale.scaled(shares["discriminator"])
    by_generator = tape.gradient(generator_loss, _tensors(_generator_variables(self.networks)))
    by_discriminator = tape.gradient(judge_loss, _tensors(_judge(self.networks)))
    del tape
    by_generator, by_discriminator = self._scale.unscaled(by_generator, by_discriminator)
    self._generator_optimizer.apply(by_generator)
    self._discriminator_optimizer.apply(by_discriminator)
    return {**shares, "generator_loss": self._generator_loss(shares)}

  def _terms(self, batch: Batch) -> Batch:
    """Every loss for each photo, and what tells of health."""
    real = batch["image"]
    mean, log_variance = self.networks.encoder(real, training=True)
    log_variance = tf.clip_by_value(log_variance, *_LOG_VARIANCE_RANGE)
    codes = mean + batch["noise"] * tf.exp(0.5 * log_variance)
    made = self.networks.generator(tf.concat([codes, batch["prior"]], axis=0), training=True)
    reconstructed, _ = tf.split(made, 2)
    # Apart, because no gradient is needed through what real photos give.
    real_logits, real_features = self._judge(real, batch["augment"])
    made_logits, made_features = self._judge(made, batch["augment"])
    reconstructed_logits, sampled_logits = tf.split(made_logits, 2)
    kl_by_dimension = losses.kl(mean, log_variance)
    return {
      "feature": losses.feature(real_features, [tf.split(f, 2)[0] for f in made_features]),
      "pixel": losses.pixel(real, reconstructed),
      "kl": tf.reduce_mean(kl_by_dimension, axis=-1),
      "kl_by_dimension": kl_by_dimension,
      "adversarial_loss": losses.adversarial(reconstructed_logits, sampled_logits),
      "discriminator": losses.discriminator(real_logits, reconstructed_logits, sampled_logits),
      "probability_real": tf.sigmoid(real_logits[:, 0]),
      "probability_reconstructed": tf.sigmoid(reconstructed_logits[:, 0]),
      "probability_sampled": tf.sigmoid(sampled_logits[:, 0]),
    }

  def _judge(self, images: tf.Tensor, draws: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Logits and feature maps of images, changed as `draws` has it."""
    logits, *features = self.networks.discriminator(
      augment.change(images, draws, self._settings.augment), training=True
    )
    return logits, features

  def _generator_loss(self, shares: Batch) -> tf.Tensor:
    weights = self._settings
    return (
      weights.feature_weight * shares["feature"]
      + weights.pixel_weight * shares["pixel"]
      + weights.kl_weight * shares["kl"]
      + weights.adversarial_weight * shares["adversarial_loss"]
    )


def _generator_variables(networks: networks_lib.Networks) -> list[keras.Variable]:
  return networks.encoder.trainable_variables + networks.generator.trainable_variables


def _judge(networks: networks_lib.Networks) -> list[keras.Variable]:
  return networks.discriminator.trainable_variables


def _tensors(variables: list[keras.Variable]) -> list[tf.Variable]:
  return [variable.value for variable in variables]
