"""One step of training, on one device or on several."""

from typing import Any, Dict, List, Tuple

import keras
import tensorflow as tf

from components.vae_gan_trainer import augment
from components.vae_gan_trainer import loss_scale as loss_scale_lib
from components.vae_gan_trainer import losses
from components.vae_gan_trainer import networks as networks_lib
from components.vae_gan_trainer import settings as settings_lib

Batch = Dict[str, tf.Tensor]
SCALARS = (
    "maker", "feature", "pixel", "kl", "fooling", "discriminator",
    "probability_real", "probability_reconstructed", "probability_sampled")
"""What a step reports beside `kl_by_dimension`. `maker` is what encoder and
generator minimise, `fooling` its adversarial term; the rest are named as in
`losses`."""

_LOG_VARIANCE_RANGE = (-12.0, 12.0)


class Learner:
  """Networks, optimizers and the step that changes them.

  To be built, and called, in the scope of its `tf.distribute` strategy.

  Attributes:
    networks: those that are trained.
    averages: their moving averages after `update_averages`; these are kept.
    objects: what a checkpoint has to hold, by name.
  """

  def __init__(self, settings: settings_lib.VaeGanSettings, precision: str):
    self._settings = settings
    self.networks = networks_lib.build(settings, precision)
    self.averages = networks_lib.build(settings, precision)
    self._made_by = _adam(settings.learning_rate, settings.ema_momentum)
    self._judged_by = _adam(
        settings.discriminator_learning_rate, settings.ema_momentum)
    self._scale = loss_scale_lib.LossScale(dynamic="float16" in precision)
    self._made_by.build(self._makers(self.networks))
    self._judged_by.build(self.networks.discriminator.trainable_variables)

  @property
  def objects(self) -> Dict[str, Any]:
    return {
        **self.networks._asdict(),
        "maker_optimizer": self._made_by,
        "discriminator_optimizer": self._judged_by,
        "loss_scale": self._scale}

  def update_averages(self) -> None:
    """Copies the moving averages into `averages`."""
    self._made_by.finalize_variable_values(self._makers(self.averages))
    self._judged_by.finalize_variable_values(
        self.averages.discriminator.trainable_variables)

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
      shares = {
          name: tf.reduce_sum(value, axis=0) / global_batch
          for name, value in terms.items()}
      maker_loss = self._scale.scaled(self._maker_loss(shares))
      judge_loss = self._scale.scaled(shares["discriminator"])
    makers = self._makers(self.networks)
    judge = self.networks.discriminator.trainable_variables
    maker_gradients = tape.gradient(maker_loss, _tensors(makers))
    judge_gradients = tape.gradient(judge_loss, _tensors(judge))
    del tape
    maker_gradients, judge_gradients = self._scale.unscaled(
        maker_gradients, judge_gradients)
    self._made_by.apply(maker_gradients, makers)
    self._judged_by.apply(judge_gradients, judge)
    return {**shares, "maker": self._maker_loss(shares)}

  def _terms(self, batch: Batch) -> Batch:
    """Every loss for each photo, and what tells of health."""
    real = batch["image"]
    if self._settings.flip:
      real = augment.mirror(real, batch["mirrored"])
    mean, log_variance = self.networks.encoder(real, training=True)
    log_variance = tf.clip_by_value(log_variance, *_LOG_VARIANCE_RANGE)
    codes = mean + batch["noise"] * tf.exp(0.5 * log_variance)
    made = self.networks.generator(
        tf.concat([codes, batch["prior"]], axis=0), training=True)
    reconstructed, sampled = tf.split(made, 2)
    logits, features = self._judge([real, reconstructed, sampled],
                                   batch["augment"])
    kl_by_dimension = losses.kl(mean, log_variance)
    return {
        "feature": losses.feature(
            [f[0] for f in features], [f[1] for f in features]),
        "pixel": losses.pixel(real, reconstructed),
        "kl": tf.reduce_mean(kl_by_dimension, axis=-1),
        "kl_by_dimension": kl_by_dimension,
        "fooling": losses.fooling(logits[1], logits[2]),
        "discriminator": losses.discriminator(*logits),
        "probability_real": tf.sigmoid(logits[0][:, 0]),
        "probability_reconstructed": tf.sigmoid(logits[1][:, 0]),
        "probability_sampled": tf.sigmoid(logits[2][:, 0]),
    }

  def _judge(self, images: List[tf.Tensor], draws: tf.Tensor
             ) -> Tuple[List[tf.Tensor], List[List[tf.Tensor]]]:
    """Logits and feature maps of three batches of images, in one pass."""
    together = augment.change(
        tf.concat(images, axis=0), tf.tile(draws, [len(images), 1]),
        self._settings.augment)
    logits, *features = self.networks.discriminator(together, training=True)
    return (tf.split(logits, len(images)),
            [tf.split(f, len(images)) for f in features])

  def _maker_loss(self, shares: Batch) -> tf.Tensor:
    weights = self._settings
    return (weights.feature_weight * shares["feature"]
            + weights.pixel_weight * shares["pixel"]
            + weights.kl_weight * shares["kl"]
            + weights.adversarial_weight * shares["fooling"])

  def _makers(self, networks: networks_lib.Networks) -> List[keras.Variable]:
    return (networks.encoder.trainable_variables
            + networks.generator.trainable_variables)


def _adam(learning_rate: float, ema_momentum: float) -> keras.optimizers.Adam:
  # beta_1 0.5 as in Radford et al. 2016 (arXiv:1511.06434), section 4.
  return keras.optimizers.Adam(
      learning_rate, beta_1=0.5, beta_2=0.99, use_ema=True,
      ema_momentum=ema_momentum)


def _tensors(variables: List[keras.Variable]) -> List[tf.Variable]:
  return [variable.value for variable in variables]
