"""Codes to decode, one for each synthetic face.

Everything random about a face follows from the seed, its split and its number
alone, so faces can be made in any order, on any number of workers.
"""

from collections.abc import Callable, Sequence

import numpy as np

from components.shared.core import errors
from components.shared.data import examples
from components.shared.learning import directions
from components.shared.learning import latents as latents_lib
from components.synthetic_face_gen import settings as own_settings


class Sampler:
  """Draws codes of faces with given labels.

  Labels are 1 = has the attribute, 0 = has not, as everywhere; the seed had
  them the other way round in training.

  Args:
    settings: which kind of codes.
    latents: the photos' codes, and labels for `class_means`.
    found: where the attributes lie; one for `class_means`.

  Raises:
    UserError: codes of photos are asked for, and the generator has no encoder.
  """

  def __init__(
    self,
    settings: own_settings.SyntheticSettings,
    latents: latents_lib.Latents,
    found: Sequence[directions.Direction],
  ):
    self._settings = settings
    self._directions = found
    self._draw: Callable = {
      "class_means": self._class_mean,
      "encoded": self._encoded,
      "prior": self._prior,
    }[settings.codes]
    if settings.codes == "prior":
      self._moments = latents.gaussian()
      return  # The codes themselves are many, and not needed.
    if not len(latents.codes):
      raise errors.UserError(
        f"synthetic.codes={settings.codes} needs a generator with an encoder; use prior"
      )
    self._codes = latents.codes.astype(np.float64)
    self._by_class = {label: latents.of_class(label).astype(np.float64) for label in (0, 1)}

  def sample(self, split: str, numbers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Codes of some faces of a split, float32 [m, z].

    Args:
      split: its name.
      numbers: int [m], which faces.
      labels: int [m, k], of each direction's attribute.
    """
    codes = np.stack(
      [
        self._draw(self._generator(split, int(number)), int(label))
        for number, label in zip(numbers, labels[:, 0], strict=True)
      ]
    )
    if self._settings.codes != "class_means":
      codes = directions.place(self._directions, codes, (2 * labels - 1) * self._settings.strength)
    return codes.astype(np.float32)

  def _generator(self, split: str, index: int) -> np.random.Generator:
    entropy = [self._settings.seed, examples.SYNTHETIC_SPLITS.index(split), index]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy)))

  def _class_mean(self, rng: np.random.Generator, label: int) -> np.ndarray:
    """Mean of a few random photos' codes of one class, as the seed took it.

    The seed decoded the class's mean itself, not something moved by the
    difference of the means.
    """
    codes = self._by_class[label]
    count = rng.integers(*self._settings.images_per_mean, endpoint=True)
    return codes[_choose(rng, len(codes), count)].mean(axis=0)

  def _encoded(self, rng: np.random.Generator, label: int) -> np.ndarray:
    """One photo's code, or a mix of several with random weights."""
    del label  # The code is moved to its label's side afterwards.
    count = self._settings.photos_per_code
    weights = rng.dirichlet(np.ones(count))
    return weights @ self._codes[_choose(rng, len(self._codes), count)]

  def _prior(self, rng: np.random.Generator, label: int) -> np.ndarray:
    """A sample of the Gaussian of the photos' codes."""
    del label  # The code is moved to its label's side afterwards.
    mean, root = self._moments
    return mean + root @ rng.standard_normal(len(mean))


def _choose(rng: np.random.Generator, among: int, count: int) -> np.ndarray:
  """Different indices, unless more are wanted than there are."""
  return rng.choice(among, count, replace=count > among)
