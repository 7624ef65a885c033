"""Faces that the generator draws by itself, as the face network sees them."""

import dataclasses
from typing import Callable

import numpy as np

from components import progress
from components.face_embedder import handler
from components.latent_directions import generator as generator_lib
from components.latent_directions import latents as latents_lib
from components.latent_directions.settings import DirectionSettings


@dataclasses.dataclass(frozen=True)
class Samples:
  """What owes nothing to any label.

  Attributes:
    codes: float [k, z].
    embeddings: float32 [k, d], of the decoded faces.
  """
  codes: np.ndarray
  embeddings: np.ndarray


def draw(generator: generator_lib.Generator, latents: latents_lib.Latents,
         face_handler: handler.FaceModelHandler,
         settings: DirectionSettings) -> Samples:
  """Codes from the Gaussian of the photos' codes, decoded and embedded."""
  rng = np.random.default_rng(settings.seed)
  mean, root = latents.gaussian()
  codes = mean + rng.standard_normal([settings.samples, len(mean)]) @ root.T
  embeddings = embed(
      lambda start, stop: generator.decode(codes[start:stop]), len(codes),
      face_handler, "scoring samples")
  return Samples(codes, embeddings)


def embed(faces: Callable[[int, int], np.ndarray], count: int,
          face_handler: handler.FaceModelHandler, label: str) -> np.ndarray:
  """Embeddings float32 [count, d] of generated faces.

  They go through JPEG as the faces that are written do.

  Args:
    faces: (start, stop) -> images uint8 [stop - start, s, s, 3].
    count: how many there are.
    face_handler: embeds them, a batch at a time.
    label: of the progress bar.
  """
  engine, embeddings = face_handler.load_model(), []
  with progress.bar(label, count, "face") as bar:
    for start in range(0, count, face_handler.batch_size):
      stop = min(start + face_handler.batch_size, count)
      files = generator_lib.to_jpeg(faces(start, stop))
      embeddings.extend(face_handler.run_inference(files, engine))
      bar.update(stop - start)
  return np.stack(embeddings)
