"""Says when training went wrong, instead of finishing quietly.

- not finite: any loss is NaN or infinite.
- codes ignored: fewer than 5% of the latent dimensions (at least 2) carry more
  than 0.01 nats. Decoding then gives one face, whatever the code.
- faces all alike: decoded samples of the prior vary less than a fifth as much
  as the photos do, pixel by pixel. Healthy runs had 0.7 to 0.85.
- discriminator saturated: for a quarter of all epochs it has told photos from
  faces all but perfectly (mean loss below 0.02; chance is 2 ln 2 = 1.39, and
  healthy runs had 1.2). What it teaches is then noise.

The first ends training at once. The others are judged at each preview in the
second half of training, where two in a row end it, and at the end. A run's
first 200 steps are too few to tell a collapse from a beginning: a shorter run
reports what it sees and continues.
"""

import math
from typing import Any

from components.shared.core import errors
from components.shared.generators import history as history_lib

# Burda et al. 2016 (arXiv:1509.00519), section 5.2, call a dimension active
# above 0.01 (of the variance of its mean; here of its divergence).
ACTIVE_NATS = 0.01
_LEAST_ACTIVE_SHARE = 0.05
_LEAST_DIVERSITY = 0.2
_SATURATED_LOSS = 0.02
_SATURATED_SHARE = 0.25
_PATIENCE = 2
_BEGINNING_STEPS = 200


class TrainingCollapsed(errors.UserError):
  """The generator is of no use; the message says why and what to change."""


def check_finite(scalars: history_lib.Scalars, epoch: int) -> None:
  """Raises `TrainingCollapsed` if a loss is NaN or infinite.

  Args:
    scalars: means of the losses by name.
    epoch: number of the epoch, from 1.
  """
  bad = sorted(n for n, value in scalars.items() if not math.isfinite(value))
  if bad:
    raise TrainingCollapsed(
      f"training of the generator diverged in epoch {epoch} "
      f"({', '.join(bad)} not finite): lower generator.learning_rate and "
      "generator.discriminator_learning_rate, or set "
      "generator.mixed_precision to off"
    )


class Judge:
  """Decides after each preview whether training continues.

  Args:
    epochs: how many there will be.
    steps_an_epoch: how many steps each has.
    latent_size: width of the latent space.
    adversarial: whether a saturated discriminator matters.
  """

  def __init__(self, *, epochs: int, steps_an_epoch: int, latent_size: int, adversarial: bool):
    self._epochs = epochs
    self._steps_an_epoch = steps_an_epoch
    self._latent_size = latent_size
    self._adversarial = adversarial
    self._in_a_row = 0

  def look(self, history: history_lib.History) -> str | None:
    """Judges the newest epoch.

    Args:
      history: of all epochs so far; the newest has `active_dimensions` and
        `sample_diversity`.

    Returns:
      What is wrong, or None.

    Raises:
      TrainingCollapsed: it has been wrong for long, or training is over.
    """
    epoch = len(history)
    problems = self._problems(history)
    if not problems:
      self._in_a_row = 0
      return None
    message = "; ".join(problems)
    if epoch * self._steps_an_epoch < _BEGINNING_STEPS:
      return message
    if 2 * epoch >= self._epochs:
      self._in_a_row += 1
    if epoch >= self._epochs or self._in_a_row >= _PATIENCE:
      raise TrainingCollapsed(
        f"the generator collapsed (epoch {epoch} of {self._epochs}): {message}"
      )
    return message

  def _problems(self, history: history_lib.History) -> list[str]:
    newest = history[-1]
    problems = []
    if _ignored(newest, self._latent_size):
      problems.append(
        f"only {newest['active_dimensions']:.0f} of {self._latent_size} "
        f"latent dimensions carry more than {ACTIVE_NATS} nats, so codes are "
        "ignored: lower generator.kl_weight"
      )
    if _alike(newest):
      problems.append(
        f"sampled faces vary {newest['sample_diversity']:.2f} times as much "
        f"as the photos (at least {_LEAST_DIVERSITY}): lower "
        "generator.adversarial_weight or generator.kl_weight, or train "
        "for more epochs"
      )
    if self._adversarial and _saturated(history, self._epochs):
      problems.append(
        "the discriminator has told photos from faces without error for a "
        "quarter of all epochs: lower "
        "generator.discriminator_learning_rate or raise generator.augment"
      )
    return problems


def states(
  history: history_lib.History, *, latent_size: int, adversarial: bool
) -> list[dict[str, Any]]:
  """Each alarm after a training that ended well.

  Args:
    history: of all epochs.
    latent_size: width of the latent space.
    adversarial: whether a saturated discriminator matters.

  Returns:
    For each alarm `alarm`, its name; `measure`, what it looks at; `value`,
    that of the last epoch; `bound`, which the value may not fall below; and
    `epochs`, the numbers of those in which it did.
  """
  numbered = list(enumerate(history, 1))
  rows = [
    {
      "alarm": "codes ignored",
      "measure": "active latent dimensions",
      "value": history[-1]["active_dimensions"],
      "bound": _least_active(latent_size),
      "epochs": [number for number, epoch in numbered if _ignored(epoch, latent_size)],
    },
    {
      "alarm": "faces all alike",
      "measure": "spread of faces over photos'",
      "value": history[-1]["sample_diversity"],
      "bound": _LEAST_DIVERSITY,
      "epochs": [number for number, epoch in numbered if _alike(epoch)],
    },
  ]
  if adversarial:
    rows.append(
      {
        "alarm": "discriminator saturated",
        "measure": "discriminator's loss",
        "value": history[-1]["discriminator"],
        "bound": _SATURATED_LOSS,
        "epochs": [number for number, _ in numbered if _saturated(history[:number], len(history))],
      }
    )
  return rows


def _least_active(latent_size: int) -> float:
  return max(2, _LEAST_ACTIVE_SHARE * latent_size)


def _ignored(epoch: history_lib.Scalars, latent_size: int) -> bool:
  return epoch["active_dimensions"] < _least_active(latent_size)


def _alike(epoch: history_lib.Scalars) -> bool:
  """Not every epoch is looked at."""
  return epoch.get("sample_diversity", math.inf) < _LEAST_DIVERSITY


def _saturated(history: history_lib.History, epochs: int) -> bool:
  span = max(2, round(_SATURATED_SHARE * epochs))
  newest = history[-span:]
  return len(newest) == span and all(epoch["discriminator"] < _SATURATED_LOSS for epoch in newest)
