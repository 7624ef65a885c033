"""What a sweep takes over from a finished run: everything but labels."""

import dataclasses

from components.latent_codes import samples as samples_lib
from components.shared.artifacts import latent_codes
from components.shared.data import embeddings, examples
from components.shared.generators import generator as generator_lib
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
    codes: photos in its latent space, and embedded faces of its own.
    embedder: embeds more faces.
    origin: URIs of the artifacts.
  """

  config: config_lib.Config
  attribute: str
  splits: dict[str, embeddings.Embedded]
  generator: generator_lib.Generator
  codes: latent_codes.LatentCodes
  embedder: samples_lib.Embedder
  origin: dict[str, str]

  def names(self) -> list[tuple[str, str]]:
    """What names this run's results and no other's, wherever its folder is."""
    # Component, output and execution.
    return sorted((name, "/".join(uri.split("/")[-3:])) for name, uri in self.origin.items())


def load(folder: run_folder.RunFolder, attribute: str | None) -> Inputs:
  """Reads a finished run.

  Args:
    folder: of the run.
    attribute: to sweep, one that was learned; None for the first.

  Raises:
    UserError: as `learned.open_run`.
  """
  run, attribute = learned.open_run(folder, attribute)
  config, components = run.config, run.components
  origin = {
    name: components[component].outputs[output][0]
    for name, component, output in (
      ("codes", "LatentCodes", "codes"),
      ("embeddings", "LabeledEmbeddings", "embeddings"),
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
    codes=latent_codes.read(origin["codes"]),
    embedder=embedder,
    origin=origin,
  )
