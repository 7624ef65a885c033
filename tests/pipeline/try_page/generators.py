"""Sliders of a generator that is arithmetic."""

import pathlib

import numpy as np

from components.shared.generators import generator
from components.shared.learning import directions, latents
from pipeline.programs.try_page import faces
from tests.components import bright_faces

DOUBT = {
  "method": "class_means",
  "fold": -1,
  "positives": 20,
  "negatives": 20,
  "scorer_auc": None,
  "warning": None,
}


def direction(
  attribute: str, *unit: float, offset: float = 0.3, scale: float = 0.5
) -> directions.Direction:
  """A direction along a vector that need not have length 1."""
  return directions.Direction(
    attribute=attribute,
    unit=np.array(unit) / np.linalg.norm(unit),
    offset=offset,
    scale=scale,
    separation_auc=0.9,
    **DOUBT,
  )


def codes(count: int = 40) -> latents.Latents:
  """Codes of photos; the second number varies most, the fourth least."""
  drawn = np.random.default_rng(1).normal(
    [0.2, 0, 0, 0], [1, 2, 0.5, 0.1], [count, bright_faces.LATENT]
  )
  return latents.Latents(
    drawn.astype(np.float32),
    np.zeros(count, np.int8),
    np.zeros(count, np.int64),
    np.zeros(count, "S1"),
  )


def sliders(
  folder: pathlib.Path,
  *found: directions.Direction,
  photos: int = 40,
  signatures=("encode", "decode"),
) -> faces.Sliders:
  """Of a generator that is written to a folder."""
  uri = bright_faces.save(bright_faces.Arithmetic(), folder, *signatures)
  return faces.Sliders(
    generator.Generator(uri), codes(photos), {one.attribute: one for one in found}
  )
