"""Which Beam options each component has, and whether they can work."""

import contextlib
import io
import os
import re
import shutil
import socket
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import apache_beam as beam
from apache_beam.options import pipeline_options, pipeline_options_validator
from apache_beam.runners import runner as beam_runner

from components.shared.core import errors
from pipeline import config as config_lib
from pipeline import console
from pipeline.platforms.beam import beam_flags

if TYPE_CHECKING:
  from tfx.dsl.components.base import base_node

PRISM = "github.com/apache/beam/sdks/v2/go/cmd/prism"
_SECONDS_TO_ANSWER = 5
_NEED_CODE = ("DataflowRunner", "PortableRunner", "FlinkRunner", "SparkRunner")
"""Runners whose workers are containers if nothing else is said."""
_LOSE_RECORDS = ("dask", "ray")
_LOCAL_MASTERS = re.compile(r"\[(local|auto|collection)\]|local(\[.+\])?")


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
      name = type(runner).__name__
      master = _master(name, options)
      if name in _NEED_CODE and not (master and _LOCAL_MASTERS.fullmatch(master)):
        _check_workers(options)
      if name == "PrismRunner":
        _check_prism(options)
      if master:
        _check_job_server(name, options, master)
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
  if any(lost in name.lower() for lost in _LOSE_RECORDS):
    raise errors.UserError(
      f"--runner={name}: loses records of these components and says nothing; use Beam's local "
      "runner, a job server (PortableRunner), Flink or Spark"
    )
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


def _master(runner: str, options: pipeline_options.PipelineOptions) -> str | None:
  """Of the cluster that a runner starts a job server for; None: it starts none."""
  if runner == "FlinkRunner":
    return options.view_as(pipeline_options.FlinkRunnerOptions).flink_master
  if runner == "SparkRunner":
    return options.view_as(pipeline_options.SparkRunnerOptions).spark_master_url
  return None


def _check_prism(options: pipeline_options.PipelineOptions) -> None:
  """Without its program Beam would download one."""
  location = options.view_as(pipeline_options.PrismRunnerOptions).prism_location
  endpoint = options.view_as(pipeline_options.PortableOptions).job_endpoint
  if not endpoint and not (location and os.path.isfile(location)):
    raise errors.UserError(
      f"--prism_location={location or ''}: Prism's program is not there; install it with "
      f"`go install {PRISM}@v{beam.__version__}` and name the file"
    )


def _check_job_server(runner: str, options: pipeline_options.PipelineOptions, master: str) -> None:
  """What Beam starts for Flink and Spark: a jar, with Java."""
  servers = options.view_as(pipeline_options.JobServerOptions)
  view = pipeline_options.FlinkRunnerOptions
  name = "flink_job_server_jar"
  if runner == "SparkRunner":
    view, name = pipeline_options.SparkRunnerOptions, "spark_job_server_jar"
  jar = getattr(options.view_as(view), name)
  if jar and "://" not in jar and not os.path.isfile(jar):
    raise errors.UserError(f"--{name}={jar}: there is no such file")
  java = servers.job_server_java_launcher
  if shutil.which(java) is None:
    raise errors.UserError(
      f"--runner={runner}: Beam starts a job server with Java, and there is no {java}; install "
      "it, or name it with --job_server_java_launcher"
    )
  if not _LOCAL_MASTERS.fullmatch(master):
    address = re.sub(r"^\w+://", "", master).partition("/")[0]
    _check_listening(f"the master {master}", address)


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
