"""One run: look before leaping, run the DAG, say what came of it."""

import dataclasses
import json
import logging
import os
import pathlib
import resource
import shutil
from typing import Any, Dict

from components import errors
from components.embedding_engine import choice
from components.embedding_network import networks
from components.embedding_network import weights
from components.face_example_gen import plan
from components.pretrained_generator import sources as generator_sources
from pipeline import beam_options
from pipeline import beam_runner
from pipeline import cache_keys
from pipeline import config as config_lib
from pipeline import console
from pipeline import dag
from pipeline import devices
from pipeline import lineage
from pipeline import local_runner
from pipeline import metadata_store
from pipeline import places as places_lib
from pipeline import run_folder

_RUNNERS = {"local": local_runner.run, "beam": beam_runner.run}


@dataclasses.dataclass(frozen=True)
class Outcome:
  """What a run came to.

  Attributes:
    folder: where everything is.
    evaluation: the content of `evaluation.json`.
  """
  folder: run_folder.RunFolder
  evaluation: Dict[str, Any]


def run(config: config_lib.Config) -> Outcome:
  """Runs the pipeline and publishes its results in the run's folder.

  Raises:
    UserError: devices, source, settings, folder or ML Metadata's server are
      at fault; no file was written if that can be seen beforehand.
    RunFailed: a component failed; its cause may be a UserError.
  """
  chosen = devices.choose(config.runtime.devices)
  metadata_store.prepare(config.runtime.metadata)
  inputs = look_ahead(config)
  console.say(chosen)
  with run_folder.claimed(config) as folder:
    pipeline = dag.create_pipeline(config, folder.places(config), inputs)
    console.say(f"Run {config.name}: {len(pipeline.components)} components, "
                f"log in {folder.log}")
    with console.logging_to(folder, len(pipeline.components)):
      try:
        with cache_keys.without_beam_options():
          _RUNNERS[config.runtime.orchestrator](pipeline)
      except Exception as error:
        logging.exception("The run failed.")
        first_line = str(error).strip().partition("\n")[0]
        raise errors.RunFailed(
            f"{type(error).__name__}: {first_line[:300]}; the whole story is "
            f"in {folder.log}") from error
      return _publish(config, folder)


def look_ahead(config: config_lib.Config) -> dag.Inputs:
  """Checks what the pipeline will read, and fetches what a package ships.

  Raises:
    UserError: what is wrong with the source, its labels, the weights, what
      is to run the network or Beam's options.
  """
  beam_options.check(config.runtime)
  file = weights.locate(config.embedder)
  if config.embedder.weights is not None:
    networks.of(config.embedder).check_weights(file.path)
  choice.choose(config.engine)
  for generator in (config.imported_generator, config.generator.start):
    if generator is not None:
      generator_sources.check(generator)
  seen = plan.make(config.source, config.splits)
  console.say(seen.source.describe())
  inputs = dag.Inputs(
      source_fingerprint=plan.fingerprint(config.source, config.splits),
      others=seen.others)
  if config.runtime.beam_of:
    # Only the DAG knows its components; this one is thrown away.
    dag.create_pipeline(config, places_lib.Places(
        pipeline_name=config.name, root="", pushed=""), inputs)
  return inputs


def _publish(config: config_lib.Config,
             folder: run_folder.RunFolder) -> Outcome:
  """Copies the report out of TFX's folders and completes its figures."""
  places = folder.places(config)
  components = lineage.latest_run(places.metadata, places.pipeline_name)
  report_uri = pathlib.Path(components["Report"].outputs["report"][0])
  evaluation = json.loads((report_uri / "evaluation.json").read_text())
  evaluation["seconds"] = {name: round(component.seconds, 1)
                           for name, component in components.items()}
  evaluation["cached"] = [name for name, component in components.items()
                          if component.cached]
  evaluation["peak_rss_bytes"] = _peak_rss_bytes()
  _replace_folder(report_uri, folder.report)
  run_folder.write_text(folder.evaluation,
                        json.dumps(evaluation, indent=2) + "\n")
  return Outcome(folder, evaluation)


def _replace_folder(source: pathlib.Path, target: pathlib.Path) -> None:
  """Puts a copy of a folder in the place of another, whole or not at all."""
  fresh = target.with_name(f".{target.name}-new")
  shutil.rmtree(fresh, ignore_errors=True)
  shutil.copytree(source, fresh)
  shutil.rmtree(target, ignore_errors=True)
  os.replace(fresh, target)


def _peak_rss_bytes() -> int:
  """The largest resident set of this process or of one it started."""
  return 1024 * max(
      resource.getrusage(who).ru_maxrss
      for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
