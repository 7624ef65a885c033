"""What can be seen to be wrong before anything runs, the quickest first.

Nothing that is imported here imports TensorFlow, which takes longer than all of
this: a mistake in an option, a path or a file of labels is told at once.
"""

import dataclasses

from components.shared.data import plan
from components.shared.generators import sources as generator_sources
from components.shared.networks import choice, weights
from pipeline import config as config_lib
from pipeline import console, devices, expectations, metadata_store, run_folder


@dataclasses.dataclass(frozen=True)
class Seen:
  """What is known of the photos.

  Attributes:
    photos_fingerprint: changes when photos do, or what is reserved of them.
    labels_fingerprint: changes when annotations do.
    others: annotations besides those to learn.
  """

  photos_fingerprint: str
  labels_fingerprint: str
  others: tuple[str, ...]


def look(config: config_lib.Config) -> Seen:
  """Checks what a run will read, and fetches what a package ships.

  `run.run` checks the rest, for which TensorFlow is needed.

  Raises:
    UserError: what is wrong with the folder, the number of GPUs, the source,
      its labels, the weights, the generator, what is to run the network, ML
      Metadata's server, or Beam's options.
  """
  devices.check(config.runtime.devices)
  run_folder.check(config)
  choice.check(config.engine)
  weights.check(config.embedder)
  for generator in _generators(config):
    generator_sources.check_place(generator)
  metadata_store.prepare(config.runtime.metadata, run_folder.RunFolder(config.folder).metadata)
  if config.runtime.beam != config_lib.RuntimeSettings().beam or (config.runtime.beam_of):
    # Only Beam knows its options, and it takes seconds to import, too; the
    # default ones are known to work.
    from pipeline.platforms.beam import beam_options

    beam_options.check(config.runtime)
  seen = plan.make(config.source, config.splits)
  for line in (*seen.told, *expectations.of_labels(config.source.attributes, seen.assigned)):
    console.say(line)
  weights.locate(config.embedder)
  for generator in _generators(config):
    generator_sources.fetch(generator)
  return Seen(seen.photos_fingerprint, seen.labels_fingerprint, seen.others)


def _generators(config: config_lib.Config) -> tuple[str, ...]:
  return tuple(
    name for name in (config.imported_generator, config.generator.start) if name is not None
  )
