"""A generator's face, moved by sliders."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from sklearn import decomposition

from components.shared.data import training_photos as photos_lib
from components.shared.generators import generator as generator_lib
from components.shared.learning import directions as directions_lib
from components.shared.learning import latents as latents_lib

VARIATIONS = 5
VARIATION_LIMIT = 3.0
"""How far a variation goes to either side, in standard deviations."""
_LEAST_LIMIT = 3.0
_DEVIATIONS = 3


class Sliders:
  """What the page's sliders do to a code.

  A slider of an attribute says where the code is along its direction, in units
  of the direction's scale: above 0 has the attribute. The other attributes
  stay where they are. Variations are the principal components of the photos'
  codes at right angles to all directions, so that they move no attribute.

  Args:
    generator: decodes, and perhaps encodes.
    latents: of the photos; none where the generator has no encoder.
    found: the directions, by attribute.

  Attributes:
    attributes: that have a slider.
    limits: float [k], how far each goes to either side.
    variations: how many there are; none without codes of photos.
    notes: why an attribute has none: it is another one's line.
    has_encoder: whether photos have codes.
    latent_size: width of the codes, z.
  """

  def __init__(
    self,
    generator: generator_lib.Generator,
    latents: latents_lib.Latents,
    found: Mapping[str, directions_lib.Direction],
  ):
    self._generator = generator
    self._directions: list[directions_lib.Direction] = []
    self.notes: list[str] = []
    for direction in found.values():
      alike = directions_lib.alike([*self._directions, direction])
      if alike:
        self.notes.append(f"{alike}, so {direction.attribute} has no slider")
      else:
        self._directions.append(direction)
    self._units = np.stack([d.unit for d in self._directions])
    self._mean, self._root = latents.gaussian()
    self._components, self._deviations = _variations(latents.codes, self._units)
    self.attributes = [d.attribute for d in self._directions]
    self.limits = self._limits()
    self.variations = len(self._deviations)
    self.has_encoder = generator.has_encoder
    self.latent_size = generator.latent_size

  def draw(self, seed: int) -> np.ndarray:
    """A code, float64 [z], as photos have them; the same for the same seed."""
    rng = np.random.default_rng(seed)
    return self._mean + self._root @ rng.standard_normal(len(self._mean))

  def encode(self, photo: bytes) -> np.ndarray:
    """The code, float64 [z], of an encoded photo with the face in the middle;
    for a generator with an encoder."""
    image = photos_lib.middle(tf.constant(photo), self._generator.image_size).numpy()
    return self._generator.encode(image[np.newaxis].astype(np.float32) / 255.0)[0].astype(
      np.float64
    )

  def positions(self, code: np.ndarray) -> np.ndarray:
    """Where a code [z] is along each direction, float64 [k]."""
    return np.array([(code @ d.unit - d.offset) / d.scale for d in self._directions])

  def move(
    self, code: np.ndarray, positions: Sequence[float | None], variations: Sequence[float]
  ) -> np.ndarray:
    """A code with the sliders at work.

    Args:
      code: float [z].
      positions: where to along each direction, within its limit; None stays.
      variations: how far along each variation, in standard deviations, within
        `VARIATION_LIMIT`.

    Returns:
      float64 [z].
    """
    steps = np.clip(variations, -VARIATION_LIMIT, VARIATION_LIMIT)
    code = code + (steps * self._deviations) @ self._components
    targets = np.array(
      [
        own if wanted is None else np.clip(wanted, -limit, limit)
        for own, wanted, limit in zip(self.positions(code), positions, self.limits, strict=True)
      ]
    )
    return directions_lib.place(self._directions, code[np.newaxis], targets[np.newaxis])[0]

  def picture(self, code: np.ndarray) -> np.ndarray:
    """The face, uint8 [s, s, 3], of a code [z]."""
    return self._generator.decode(code[np.newaxis])[0]

  def _limits(self) -> np.ndarray:
    """As far as nearly all photos lie, and at least 3."""
    spread = np.linalg.norm(self._units @ self._root, axis=1)
    scales = np.array([d.scale for d in self._directions])
    return np.maximum(
      _LEAST_LIMIT, np.ceil(np.abs(self.positions(self._mean)) + _DEVIATIONS * spread / scales)
    )


def _variations(codes: np.ndarray, units: np.ndarray):
  """Principal components [m, z] of codes, at right angles to units [k, z],
  and the standard deviations [m] along them."""
  count = min(VARIATIONS, len(codes) - 1, codes.shape[1] - len(units))
  if count < 1:
    return np.zeros([0, codes.shape[1]]), np.zeros(0)
  basis, _ = np.linalg.qr(units.T)
  codes = codes.astype(np.float64)
  found = decomposition.PCA(count, svd_solver="full").fit(codes - codes @ basis @ basis.T)
  return found.components_, np.sqrt(found.explained_variance_)


def to_png(picture: np.ndarray) -> bytes:
  """A picture, uint8 [s, s, 3], as a PNG file."""
  return tf.io.encode_png(picture).numpy()
