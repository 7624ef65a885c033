"""How near an engine's embeddings are to the reference's."""

import dataclasses

import numpy as np

from components.shared.networks import engines


@dataclasses.dataclass(frozen=True)
class Agreement:
  """Cosines between two engines' embeddings of the same photos.

  Attributes:
    photos: how many.
    median: of the cosines.
    low: their 1st percentile.
  """

  photos: int
  median: float
  low: float


def embed_all(engine: engines.Engine, pixels: np.ndarray, batch_size: int) -> np.ndarray:
  """Embeddings of decoded faces, float32 [n, width], batch by batch."""
  return np.concatenate(
    [engine.embed(pixels[i : i + batch_size]) for i in range(0, len(pixels), batch_size)]
  )


def compare(embeddings: np.ndarray, reference: np.ndarray) -> Agreement:
  """Compares row by row; both are float [n, width].

  Where every photo of a network gives nearly the same direction, as with
  random weights, a cosine says little; it is that of the published use.
  """
  lengths = np.linalg.norm(embeddings, axis=1) * np.linalg.norm(reference, axis=1)
  cosines = np.sum(embeddings * reference, axis=1) / np.maximum(lengths, 1e-12)
  return Agreement(
    photos=len(cosines), median=float(np.median(cosines)), low=float(np.quantile(cosines, 0.01))
  )
