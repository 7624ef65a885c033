"""Which Beam options each component has, and whether they can work."""

import contextlib
import io
import socket
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from apache_beam.options import pipeline_options, pipeline_options_validator
from apache_beam.runners import runner as beam_runner

from components.shared.core import errors
from pipeline import config as config_lib
from pipeline import console
from pipeline.platforms.beam import beam_flags

if TYPE_CHECKING:
  from tfx.dsl.components.base import base_node

_SECONDS_TO_ANSWER = 5
_NEED_CODE = ("DataflowRunner", "PortableRunner")
"""Runners whose workers are containers if nothing else is said."""


def of_component(runtime: config_lib.RuntimeSettings, name: str) -> tuple[str, ...]:
  """The flags of one component."""
  return beam_flags.merged(runtime.beam, runtime.beam_of.get(name, ()))


def apply(runtime: config_lib.RuntimeSettings, nodes: Iterable["base_node.BaseNode"]) -> None:
  """Gives every Beam component its options.

  Raises:
    UserError: options are given for what is no Beam component.
  """
  from tfx.dsl.components.base import executor_spec  # Not to check.

  by_id = {node.id: node for node in nodes}
  beam_ids = [
    name
    for name, node in by_id.items()
    if isinstance(node.executor_spec, executor_spec.BeamExecutorSpec)
  ]
  for name in runtime.beam_of:
    if name not in beam_ids:
      wrong = "is not run by Beam" if name in by_id else "is no component of this run"
      raise errors.UserError(
        f"runtime.beam_of (--beam {name}:...): {name} {wrong}; those that "
        f"Beam runs are {', '.join(sorted(beam_ids))}"
      )
  for name in beam_ids:
    by_id[name].with_beam_pipeline_args(of_component(runtime, name))


def check(runtime: config_lib.RuntimeSettings) -> None:
  """Looks at the options before anything runs.

  Raises:
    UserError: Beam does not take them, its workers would lack this project's
      code, or nobody listens where a job is to be sent.
  """
  flags_of: dict[tuple[str, ...], str] = {runtime.beam: "runtime.beam"}
  for name in runtime.beam_of:
    flags_of.setdefault(of_component(runtime, name), f"runtime.beam_of.{name}")
  for flags, where in flags_of.items():
    try:
      options = _parse(flags)
      runner = _runner(options)
      if type(runner).__name__ in _NEED_CODE:
        _check_workers(options)
      _check_endpoints(options)
      problems = pipeline_options_validator.PipelineOptionsValidator(options, runner).validate()
      if problems:
        raise errors.UserError(" ".join(problems))
    except errors.UserError as error:
      raise errors.UserError(f"{where} (--beam): {error}") from None


def _parse(flags: Sequence[str]) -> pipeline_options.PipelineOptions:
  """Options that Beam doesn't know are for the runner, which may."""
  said = io.StringIO()
  options = pipeline_options.PipelineOptions(list(flags))
  try:
    with contextlib.redirect_stderr(said):
      options.get_all_options(retain_unknown_options=True)
  except SystemExit:  # That is how argparse ends.
    lines = said.getvalue().strip().splitlines() or ["can't be read"]
    raise errors.UserError(lines[-1].partition("error: ")[2] or lines[-1]) from None
  return options


def _runner(options: pipeline_options.PipelineOptions) -> beam_runner.PipelineRunner:
  name = options.view_as(pipeline_options.StandardOptions).runner
  if name is None:
    raise errors.UserError("no runner is named; give --runner=NAME")
  try:
    return beam_runner.create_runner(name)
  except (ValueError, ImportError, AttributeError) as error:
    raise errors.UserError(f"--runner={name}: {error}") from None


def _check_workers(options: pipeline_options.PipelineOptions) -> None:
  """Containers get this project with their image or as a package."""
  portable = options.view_as(pipeline_options.PortableOptions)
  setup = options.view_as(pipeline_options.SetupOptions)
  workers = options.view_as(pipeline_options.WorkerOptions)
  if portable.environment_type in (None, "DOCKER") and not any(
    (
      workers.sdk_container_image,
      portable.environment_config,
      portable.environment_options,
      setup.setup_file,
      setup.extra_packages,
    )
  ):
    raise errors.UserError(
      "workers would lack this project's code: give them an image that has "
      "it (--sdk_container_image=IMAGE), or name workers that have it "
      "(--environment_type=EXTERNAL --environment_config=HOST:PORT)"
    )


def _check_endpoints(options: pipeline_options.PipelineOptions) -> None:
  portable = options.view_as(pipeline_options.PortableOptions)
  for name in ("job_endpoint", "artifact_endpoint"):
    endpoint = getattr(portable, name)
    if endpoint and endpoint != "embed":
      _check_listening(f"--{name}={endpoint}", endpoint)
  if portable.environment_type == "EXTERNAL" and portable.environment_config:
    flag = f"--environment_config={portable.environment_config}"
    try:
      _check_listening(flag, portable.environment_config)
    except errors.UserError as error:
      # Who asks the worker pool is the job server, maybe on other machines.
      console.say(f"Note, in case that is this machine: {error}")


def _check_listening(flag: str, endpoint: str) -> None:
  host, port = _address(flag, endpoint)
  try:
    socket.create_connection((host, port), _SECONDS_TO_ANSWER).close()
  except OSError as error:
    reason = error.strerror or str(error)
    raise errors.UserError(
      f"{flag}: nobody listens at {host}:{port} ({reason}); start the "
      "server there, or correct the address"
    ) from None


def _address(flag: str, endpoint: str) -> tuple[str, int]:
  try:
    parts = urllib.parse.urlsplit(f"//{endpoint}")
    host, port = parts.hostname, parts.port
  except ValueError:
    host = port = None
  if not host or not port:
    raise errors.UserError(f"{flag}: write it as HOST:PORT")
  return host, port
