"""Training that starts from a pretrained generator.

Such a generator has no encoder, and an encoder that knows nothing would make
the first steps of training undo what the generator can. So an encoder learns
to find the codes of the generator's own faces first.
"""

import keras
import tensorflow as tf

from components.shared import assets
from components.shared.core import progress
from components.shared.data import draws
from components.shared.generators import dcgan
from components.vae_gan_trainer import adam, losses, training_step
from components.vae_gan_trainer import networks as networks_lib
from components.vae_gan_trainer import settings as settings_lib

_LEARNING_RATE = 1e-3
_BATCH = 64
_LOOK_STEPS = 20
_BEFORE_TRAINING = -2  # numbers of steps, downwards; -1 draws previews


def begin(learner: training_step.Learner, settings: settings_lib.VaeGanSettings) -> None:
  """Gives a learner the start's generator, and an encoder for it.

  The same settings give the same weights. What is learned is learned on one
  device, however many train afterwards, and in float32.
  """
  generator = pretrained(settings.start)
  encoder = learned_encoder(generator, settings)
  for networks in (learner.networks, learner.averages):
    networks.generator.set_weights(generator.get_weights())
    networks.encoder.set_weights(encoder.get_weights())


def pretrained(name: str) -> keras.Model:
  """A generator by name, codes [n, z] -> images, see `networks.Networks`.

  Raises:
    UserError: it cannot be fetched.
  """
  whole = dcgan.build()
  dcgan.load_weights(whole, assets.fetch(name))
  folded = dcgan.build(folded=True)
  folded.set_weights(dcgan.fold(whole))
  return folded


def learned_encoder(generator: keras.Model, settings: settings_lib.VaeGanSettings) -> keras.Model:
  """An encoder that has learned the codes of a generator's faces.

  It minimises -log N(code; mean, variance), so that its variance, too, is
  what it will be asked for: how far off its mean is.

  Args:
    generator: is not changed.
    settings: sizes, seed and number of steps.
  """
  encoder = networks_lib.build(settings).encoder
  average = networks_lib.build(settings).encoder
  optimizer = adam.Adam(
    variables=encoder.trainable_variables,
    averages=average.trainable_variables,
    learning_rate=_LEARNING_RATE,
    momentum=settings.ema_momentum,
  )

  @tf.function
  def steps(first: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    error = 0.0
    for step in tf.range(first, first + count):
      codes = draws.draw(settings.seed, _BEFORE_TRAINING - step, _BATCH, settings.latent_size)[
        "prior"
      ]
      faces = generator(codes)
      with tf.GradientTape() as tape:
        mean, log_variance = encoder(faces, training=True)
        loss = tf.reduce_mean(losses.nll(codes, mean, log_variance))
      optimizer.apply(tape.gradient(loss, [v.value for v in encoder.trainable_variables]))
      error = tf.reduce_mean(tf.math.squared_difference(codes, mean))
    return error

  with progress.bar("learning an encoder", settings.start_steps, "step") as bar:
    for done in range(0, settings.start_steps, _LOOK_STEPS):
      count = min(_LOOK_STEPS, settings.start_steps - done)
      error = steps(tf.constant(done), tf.constant(count))
      bar.set_postfix(error=f"{float(error):.3f}", refresh=False)
      bar.update(count)
  return average
