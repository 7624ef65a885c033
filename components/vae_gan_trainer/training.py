"""The training loop: epochs, checkpoints, progress, health."""

import time

import numpy as np
import tensorflow as tf
import tqdm

from components.shared.core import progress
from components.shared.data import draws
from components.shared.data import training_photos as photos_lib
from components.shared.generators import health
from components.shared.generators import history as history_lib
from components.vae_gan_trainer import settings as settings_lib
from components.vae_gan_trainer import start, training_step

_LOOK_STEPS = 20  # between looks at the losses, each of which waits for them
_PREVIEW_PHOTOS = 8
_DIVERSITY_FACES = 256


class Training:
  """A run that can be killed at any time and resumes where it was.

  Args:
    settings: sizes, weights of the losses, epochs.
    photos: what to learn from.
    strategy: which devices share each step.
    precision: name of a Keras dtype policy.
    folder: checkpoints and the history so far are kept here.
    log: scalars and pictures go here.

  Attributes:
    learner: the networks; `learner.averages` are the result.
    history: scalars of each finished epoch.
  """

  def __init__(
    self,
    *,
    settings: settings_lib.VaeGanSettings,
    photos: photos_lib.Photos,
    strategy: tf.distribute.Strategy,
    precision: str,
    folder: str,
    log: history_lib.Log,
  ):
    self._settings = settings
    self._photos = photos
    self._strategy = strategy
    self._log = log
    self._folder = folder
    self._saved_at = time.monotonic()
    self._nats = np.zeros(0)  # of the last epoch that ended in this process
    self._build(precision)
    self._is_new = self._manager.latest_checkpoint is None
    if not self._is_new and not self._restored():
      progress.note(
        f"VaeGanTrainer: the checkpoints in {folder} are of other networks; training starts anew"
      )
      tf.io.gfile.rmtree(folder)
      self._build(precision)
      self._is_new = True
    self._steps_an_epoch = photos.count // settings.batch_size
    self.history = history_lib.read(folder)[: int(self._step) // self._steps_an_epoch]
    for epoch in range(len(self.history)):
      log.scalars(self.history[: epoch + 1])
    self._judge = health.Judge(
      epochs=settings.epochs,
      steps_an_epoch=self._steps_an_epoch,
      latent_size=settings.latent_size,
      adversarial=settings.adversarial_weight > 0,
    )
    self._photo_spread = _spread(photos.some(_DIVERSITY_FACES))
    self._last_step = settings.epochs * self._steps_an_epoch
    self._batches = self._remaining_batches()
    self._tf_steps = self._compiled_steps()

  def _build(self, precision: str) -> None:
    """Networks at step 0, and what saves them."""
    with self._strategy.scope():
      self.learner = training_step.Learner(self._settings, precision)
    self._step = tf.Variable(0, dtype=tf.int64, name="step")
    self._totals = _Totals(self._settings.latent_size)
    self._checkpoints = tf.train.Checkpoint(
      step=self._step, totals=self._totals, **self.learner.objects
    )
    self._manager = tf.train.CheckpointManager(self._checkpoints, self._folder, max_to_keep=2)

  def _restored(self) -> bool:
    """Takes over the last checkpoint; False if not all of it fits, by name and
    shape."""
    try:
      status = self._checkpoints.restore(self._manager.latest_checkpoint)
      status.assert_existing_objects_matched()
    except (AssertionError, ValueError):
      return False
    return True

  @property
  def step(self) -> int:
    """Steps done so far."""
    return int(self._step)

  def run(self) -> None:
    """Trains to the last epoch.

    Raises:
      TrainingCollapsed: what comes out would be of no use.
    """
    if self._is_new and self._settings.start is not None:
      start.begin(self.learner, self._settings)
      self._checkpoint()
    with progress.bar("training generator", self._last_step, "step") as bar:
      bar.update(self.step)
      self.go_on(self._last_step, bar)
    self._checkpoint()
    self._log.health(
      health.states(
        self.history,
        latent_size=self._settings.latent_size,
        adversarial=self._settings.adversarial_weight > 0,
      ),
      self._nats,
    )

  def go_on(self, last_step: int, bar: tqdm.tqdm) -> None:
    """Trains, with all that belongs to it, until `last_step` steps are done.

    Args:
      last_step: at most the last step of the last epoch.
      bar: is told of each step.

    Raises:
      TrainingCollapsed: what comes out would be of no use.
    """
    while self.step < last_step:
      epoch, done = divmod(self.step, self._steps_an_epoch)
      count = min(
        _LOOK_STEPS - done % _LOOK_STEPS, last_step - self.step, self._steps_an_epoch - done
      )
      self._tf_steps(self._batches, tf.constant(count))
      bar.update(count)
      if done + count == self._steps_an_epoch:
        self._finish_epoch(bar, epoch + 1)
      else:
        self._look(bar, epoch + 1)
      self._checkpoint_if_due()

  def _remaining_batches(self) -> tf.distribute.DistributedIterator:
    return iter(
      self._strategy.experimental_distribute_dataset(
        self._photos.batches(
          seed=self._settings.seed,
          first_step=self.step,
          last_step=self._last_step,
          batch_size=self._settings.batch_size,
          latent_size=self._settings.latent_size,
          flip=self._settings.flip,
        )
      )
    )

  def _compiled_steps(self):
    """Several steps in one call: nothing waits for Python in between."""
    batch_size = self._settings.batch_size

    @tf.function
    def steps(batches, count):
      for _ in tf.range(count):
        shares = self._strategy.run(self.learner.replica_step, args=(next(batches), batch_size))
        self._totals.add(
          {name: self._strategy.reduce("SUM", share, axis=None) for name, share in shares.items()}
        )
        self._step.assign_add(1)

    return steps

  def _look(self, bar, epoch: int) -> dict[str, float]:
    scalars = self._totals.means()
    health.check_finite(scalars, epoch)
    bar.set_postfix(
      {name: f"{scalars[name]:.3f}" for name in ("generator_loss", "discriminator", "kl")},
      refresh=False,
    )
    return scalars

  def _finish_epoch(self, bar, epoch: int) -> None:
    scalars = self._look(bar, epoch)
    self._nats = self._totals.kl_by_dimension()
    scalars["active_dimensions"] = float(np.sum(self._nats > health.ACTIVE_NATS))
    self._totals.reset()
    self.history.append(scalars)
    previewed = epoch % self._settings.preview_epochs == 0 or epoch == self._settings.epochs
    if previewed:
      self._preview(epoch, scalars)
      self._log.kl_by_dimension(self._nats, epoch)
    self._log.scalars(self.history)
    history_lib.write(self._folder, self.history)
    if previewed:
      problem = self._judge.look(self.history)
      if problem:
        bar.write(f"    generator, epoch {epoch}: {problem}")

  def _preview(self, epoch: int, scalars: history_lib.Scalars) -> None:
    """Pictures of the averaged networks, and how much their faces vary."""
    photos = self._photos.some(_PREVIEW_PHOTOS)
    networks = self.learner.averages
    codes, _ = networks.encoder(photos)
    self._log.grid(
      "photos_and_reconstructions",
      photos_lib.to_unit(tf.stack([photos, networks.generator(codes)])),
      epoch,
    )
    prior = draws.draw(self._settings.seed, -1, _DIVERSITY_FACES, self._settings.latent_size)[
      "prior"
    ]
    faces = np.concatenate(
      [networks.generator(part).numpy() for part in np.split(prior.numpy(), _DIVERSITY_FACES // 32)]
    )
    self._log.grid("samples", photos_lib.to_unit(faces[:32].reshape(4, 8, *faces.shape[1:])), epoch)
    scalars["sample_diversity"] = _spread(faces) / self._photo_spread

  def _checkpoint_if_due(self) -> None:
    minutes = (time.monotonic() - self._saved_at) / 60
    if minutes >= self._settings.checkpoint_minutes:
      self._checkpoint()

  def _checkpoint(self) -> None:
    self._manager.save(checkpoint_number=self.step)
    self._saved_at = time.monotonic()


class _Totals(tf.Module):
  """Running sums over the steps of an epoch, part of the checkpoint."""

  def __init__(self, latent_size: int):
    super().__init__(name="totals")
    self.steps = tf.Variable(0.0)
    self.sums = {name: tf.Variable(0.0) for name in training_step.SCALARS}
    self.kl_sum = tf.Variable(tf.zeros([latent_size]))

  def add(self, values: dict[str, tf.Tensor]) -> None:
    self.steps.assign_add(1.0)
    for name, total in self.sums.items():
      total.assign_add(values[name])
    self.kl_sum.assign_add(values["kl_by_dimension"])

  def means(self) -> history_lib.Scalars:
    steps = float(self.steps)
    return {name: float(total) / steps for name, total in self.sums.items()}

  def kl_by_dimension(self) -> np.ndarray:
    return self.kl_sum.numpy() / float(self.steps)

  def reset(self) -> None:
    for variable in self.variables:
      variable.assign(tf.zeros_like(variable))


def _spread(images: np.ndarray) -> float:
  """Mean over the pixels of their standard deviation over the images."""
  return float(np.mean(np.std(images, axis=0)))
