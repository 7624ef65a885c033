"""One run: look before leaping, run the DAG, say what came of it."""

import dataclasses
import logging
import pathlib
from typing import Any

from tfx import v1 as tfx

from components.report import facts
from components.shared.core import errors
from components.shared.generators import sources as generator_sources
from components.shared.networks import networks
from pipeline import (
  cache_keys,
  console,
  dag,
  devices,
  expectations,
  lineage,
  local_runner,
  look_ahead,
  memory,
  run_folder,
)
from pipeline import config as config_lib
from pipeline import places as places_lib
from pipeline.platforms.beam import beam_runner, remote_jobs
from pipeline.programs import report

_RUNNERS = {"local": local_runner.run, "beam": beam_runner.run}


@dataclasses.dataclass(frozen=True)
class Outcome:
  """What a run came to.

  Attributes:
    folder: where everything is.
    evaluation: the content of `evaluation.json`.
  """

  folder: run_folder.RunFolder
  evaluation: dict[str, Any]


def run(config: config_lib.Config, seen: look_ahead.Seen) -> Outcome:
  """Runs the pipeline and publishes its results in the run's folder.

  Args:
    config: every setting.
    seen: what `look_ahead` found for them.

  Raises:
    UserError: devices, weights, a generator, Beam's options or the folder are
      at fault; no file was written if that can be seen beforehand.
    RunFailed: a component failed; its cause may be a UserError.
  """
  chosen = devices.choose(config.runtime.devices)
  inputs = _look_closer(config, seen)
  console.say(chosen)
  with run_folder.claimed(config) as folder:
    folder.failure.unlink(missing_ok=True)
    places = folder.places(config)
    if lineage.bring_along(places.metadata, places.pipeline_name, places.root):
      console.say(f"{folder.path} was moved; what it holds is found again")
    pipeline = dag.create_pipeline(config, places, inputs)
    usual = expectations.seconds(folder, places)
    components = [component.id for component in pipeline.components]
    known = sum(usual.get(name, 0.0) for name in components)
    console.say(
      f"Run {config.name}: {len(components)} components"
      + (f", up to {console.duration(known)}, as earlier runs took" if known else "")
      + f"; log in {folder.log}"
    )
    with console.logging_to(folder, components, usual) as watch:
      try:
        with cache_keys.without_places(), remote_jobs.watched():
          _RUNNERS[config.runtime.orchestrator](pipeline)
        require_results(pipeline, places, watch)
      except Exception as error:
        logging.exception("The run failed.")
        _report_failure(folder, config, watch, error)
        first_line = str(error).strip().partition("\n")[0]
        raise errors.RunFailed(
          f"{type(error).__name__}: {first_line[:300]}; the whole story is in {folder.log}"
        ) from error
      return Outcome(folder, report.publish(folder, config, _measured(watch)))


def _look_closer(config: config_lib.Config, seen: look_ahead.Seen) -> dag.Inputs:
  """Checks what can't be checked without TensorFlow or Keras.

  Raises:
    UserError: what is wrong with a file of weights that was named, a generator,
      or the components that Beam options are for.
  """
  network = networks.of(config.embedder)
  if config.embedder.weights is not None and network.check_weights is not None:
    network.check_weights(pathlib.Path(config.embedder.weights).expanduser())
  for generator in (config.imported_generator, config.generator.start):
    if generator is not None:
      generator_sources.check(generator)
  inputs = dag.Inputs(**dataclasses.asdict(seen))
  if config.runtime.beam_of:
    # Only the DAG knows its components; this one is thrown away.
    dag.create_pipeline(
      config, places_lib.Places(pipeline_name=config.name, root="", pushed=""), inputs
    )
  return inputs


def require_results(
  pipeline: tfx.dsl.Pipeline, places: places_lib.Places, watch: console.Watch
) -> None:
  """Sees that every component of the newest run has a result.

  TFX's runners note a component that does not find its inputs, and go on.

  Args:
    pipeline: that was run.
    places: where it was.
    watch: of that run; the component is put among the running ones.

  Raises:
    RuntimeError: one has none; its name, and why.
  """
  done = lineage.latest_run(places.metadata, places.pipeline_name)
  for component in pipeline.components:
    if component.id not in done or not done[component.id].complete:
      watch.running[:] = [component.id]
      why = watch.unresolved.get(component.id, "ML Metadata has no complete one")
      raise RuntimeError(f"{component.id} has no result: {why}")


def _report_failure(
  folder: run_folder.RunFolder, config: config_lib.Config, watch: console.Watch, error: Exception
) -> None:
  """Makes the page that says where; what goes wrong here is only logged, so
  that it does not stand before what went wrong there."""
  user_error = errors.find_user_error(error)
  message = (
    str(user_error)
    if user_error
    else f"{type(error).__name__}: {str(error).strip()}".partition("\n")[0]
  )
  try:
    report.publish_failure(
      folder, config, facts.Failure(list(watch.running), message[:1000]), _measured(watch)
    )
    console.say(f"Look at {folder.report / 'index.html'} for where it failed")
  except Exception:  # pylint: disable=broad-except
    logging.exception("No report of the failure could be made.")


def _measured(watch: console.Watch) -> report.Measured:
  return report.Measured(
    peak_rss_bytes=max(
      [memory.peak_bytes_of_children(), memory.peak_bytes() or 0, *watch.peak_bytes.values()]
    ),
    peak_rss_bytes_of=watch.peak_bytes,
  )
