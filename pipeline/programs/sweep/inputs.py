"""What a sweep takes over from a finished run: everything but labels."""

import dataclasses
import io
import pathlib

import numpy as np

from components.latent_directions import samples as samples_lib
from components.shared.data import embeddings, examples
from components.shared.generators import generator as generator_lib
from components.shared.learning import latents as latents_lib
from components.shared.networks import handler, network_artifact
from pipeline import config as config_lib
from pipeline import dag, run_folder
from pipeline.programs.sweep import learned


@dataclasses.dataclass(frozen=True)
class Inputs:
  """The parts of a run that owe nothing to the number of labels.

  Attributes:
    config: of the run.
    attribute: to sweep.
    splits: embedded photos by split.
    generator: the trained generator.
    latents: codes of `labeled` and `unlabeled`.
    samples: what the generator draws by itself, embedded.
    embedder: embeds more faces.
    origin: URIs of the artifacts.
  """

  config: config_lib.Config
  attribute: str
  splits: dict[str, embeddings.Embedded]
  generator: generator_lib.Generator
  latents: latents_lib.Latents
  samples: samples_lib.Samples
  embedder: samples_lib.Embedder
  origin: dict[str, str]

  def names(self) -> list[tuple[str, str]]:
    """What names this run's results and no other's, wherever its folder is."""
    return _names(self.origin)


def load(folder: run_folder.RunFolder, attribute: str | None, cache: pathlib.Path) -> Inputs:
  """Reads a finished run.

  Args:
    folder: of the run.
    attribute: to sweep, one that was learned; None for the first.
    cache: file that keeps the samples for the next sweep.

  Raises:
    UserError: as `learned.open_run`.
  """
  run, attribute = learned.open_run(folder, attribute)
  config, components = run.config, run.components
  origin = {
    name: components[component].outputs[output][0]
    for name, component, output in (
      ("faces", "FaceExampleGen", "examples"),
      ("embeddings", "RealFaceEmbedder", "embeddings"),
      ("network", "EmbeddingNetwork", "network"),
      ("engine", "EmbeddingEngine", "engine"),
    )
  }
  origin["model"] = next(
    components[component].outputs[output][0]
    for component, output in dag.GENERATORS
    if component in components
  )
  generator = generator_lib.Generator(origin["model"])
  latents = latents_lib.encode(origin["faces"], generator, [attribute], config.direction.labels)[
    attribute
  ]
  embedder = samples_lib.Embedder(
    handler.FaceModelHandler(
      origin["engine"],
      origin["network"],
      input_size=network_artifact.read(origin["network"]).input_size,
      batch_size=config.engine.batch_size,
    )
  )
  return Inputs(
    config=config,
    attribute=attribute,
    splits={split: embeddings.read(origin["embeddings"], split) for split in examples.REAL_SPLITS},
    generator=generator,
    latents=latents,
    samples=_samples(cache, generator, latents, embedder, config, origin),
    embedder=embedder,
    origin=origin,
  )


def _names(origin: dict[str, str]) -> list[tuple[str, str]]:
  # Component, output and execution.
  return sorted((name, "/".join(uri.split("/")[-3:])) for name, uri in origin.items())


def _samples(
  cache: pathlib.Path,
  generator: generator_lib.Generator,
  latents: latents_lib.Latents,
  embedder: samples_lib.Embedder,
  config: config_lib.Config,
  origin: dict[str, str],
) -> samples_lib.Samples:
  """Out of the cache, if it is of the same run's."""
  key = repr((_names(origin), config.direction))
  if cache.exists():
    with np.load(cache, allow_pickle=False) as arrays:  # noqa: TID251  It unpickles nothing.
      if str(arrays["key"]) == key:
        return samples_lib.Samples(arrays["codes"], arrays["embeddings"])
  drawn = samples_lib.draw(generator, latents, embedder, config.direction)
  buffer = io.BytesIO()
  np.savez(buffer, key=key, codes=drawn.codes, embeddings=drawn.embeddings)
  run_folder.write_bytes(cache, buffer.getvalue())
  return drawn
