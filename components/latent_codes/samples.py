"""Faces that the generator draws by itself, as the face network sees them."""

from collections.abc import Callable

import numpy as np

from components.latent_codes.settings import SampleSettings
from components.shared.core import progress
from components.shared.generators import generator as generator_lib
from components.shared.learning import latents
from components.shared.networks import handler


class Embedder:
  """Embeds generated faces, with an engine that is loaded once.

  Args:
    face_handler: loads, batches and runs the engine.
  """

  def __init__(self, face_handler: handler.FaceModelHandler):
    self._handler = face_handler
    self._engine = face_handler.load_model()

  def embed(self, faces: Callable[[int, int], np.ndarray], count: int, label: str) -> np.ndarray:
    """Embeddings float32 [count, d].

    Faces go through JPEG as those that are written do.

    Args:
      faces: (start, stop) -> images uint8 [stop - start, s, s, 3].
      count: how many there are.
      label: of the progress bar.
    """
    embeddings, batch = [], self._handler.batch_size
    with progress.bar(label, count, "face") as bar:
      for start in range(0, count, batch):
        stop = min(start + batch, count)
        files = generator_lib.to_jpeg(faces(start, stop))
        embeddings.extend(self._handler.run_inference(files, self._engine))
        bar.update(stop - start)
    return np.stack(embeddings)


def draw(
  generator: generator_lib.Generator,
  codes: np.ndarray,
  embedder: Embedder,
  settings: SampleSettings,
) -> tuple[np.ndarray, np.ndarray]:
  """Codes [k, z] from the Gaussian of the photos' codes [n, z], and embeddings
  [k, d] of the faces that they decode to."""
  rng = np.random.default_rng(settings.seed)
  mean, root = latents.gaussian(codes)
  drawn = mean + rng.standard_normal([settings.samples, len(mean)]) @ root.T
  return drawn, embedder.embed(
    lambda start, stop: generator.decode(drawn[start:stop]), len(drawn), "embedding samples"
  )
