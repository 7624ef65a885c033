"""Larger photos that show aligned ones, turned and scaled, in known places."""

import dataclasses
import math
import pathlib
from collections.abc import Sequence

import numpy as np
from PIL import Image


@dataclasses.dataclass(frozen=True)
class Pasted:
  """An aligned photo on a canvas.

  Attributes:
    photo: its file.
    centre: x and y on the canvas of the photo's middle.
    scale: pixels of the canvas to one of the photo.
    degrees: by how much it is turned, clockwise.
  """

  photo: pathlib.Path
  centre: tuple[float, float]
  scale: float = 1
  degrees: float = 0

  def places(self, points: np.ndarray) -> np.ndarray:
    """Where points of the photo, float [n, 2], are on the canvas."""
    angle = math.radians(self.degrees)
    turn = self.scale * np.array(
      [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    return (points - (89, 109)) @ turn.T + self.centre


def canvas(size: tuple[int, int], *pasted: Pasted, seed: int = 0) -> Image.Image:
  """A blurred pattern of colours with photos on it."""
  rng = np.random.default_rng(seed)
  result = Image.fromarray(rng.integers(60, 200, (9, 12, 3), dtype=np.uint8)).resize(
    size, Image.Resampling.BICUBIC
  )
  for one in pasted:
    with Image.open(one.photo) as photo:
      photo = photo.convert("RGB")
    scaled = photo.resize(
      [round(side * one.scale) for side in photo.size], Image.Resampling.LANCZOS
    )
    opaque = Image.new("L", scaled.size, 255)
    turned, mask = (
      image.rotate(-one.degrees, Image.Resampling.BICUBIC, expand=True)
      for image in (scaled, opaque)
    )
    corner = [
      round(middle - side / 2) for middle, side in zip(one.centre, turned.size, strict=True)
    ]
    result.paste(turned, tuple(corner), mask)
  return result


def pixels(image: Image.Image) -> np.ndarray:
  """uint8 [h, w, 3]."""
  return np.asarray(image.convert("RGB"))


def likeness(image: np.ndarray, other: np.ndarray) -> float:
  """Correlation of the middles of two aligned photos, seen from afar."""
  small: Sequence[np.ndarray] = [
    np.asarray(
      Image.fromarray(one)
      .convert("L")
      .crop((29, 49, 149, 169))
      .resize((10, 10), Image.Resampling.BOX),
      np.float64,
    )
    for one in (image, other)
  ]
  return float(np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1])
