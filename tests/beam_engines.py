"""Portable engines that tests send jobs to, and how each is had."""

import contextlib
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import apache_beam
import pytest

from pipeline.platforms.beam import beam_options
from tests import beam_servers

NAMES = ("job-server", "prism", "prism-loopback", "flink", "spark")
"""Beam's own job server and Prism, with a pool of workers or with workers in
the run's process; Flink and Spark in a process of their job servers."""


class Engine(NamedTuple):
  """Its name, Beam options that send a job there, and the log of its servers."""

  name: str
  flags: Sequence[str]
  log: pathlib.Path | None


@contextlib.contextmanager
def running(name: str, folder: pathlib.Path) -> Iterator[Engine]:
  """Starts an engine; skips the test with what would bring it."""
  if name in ("flink", "spark"):
    variable = f"{name.upper()}_JOB_SERVER_JAR"
    jar = os.environ.get(variable)
    if not jar:
      pytest.skip(f"{variable} names no job server's jar (Beam's runners-{name}-*-job-server)")
    runner = f"{name.capitalize()}Runner"
    yield Engine(name, [f"--runner={runner}", f"--{name}_job_server_jar={jar}"], None)
    return
  if name == "job-server":
    with beam_servers.running(folder) as servers:
      yield Engine(name, servers.flags, servers.log)
    return
  prism = os.environ.get("PRISM") or shutil.which("prism")
  if not prism:
    pytest.skip(
      f"no prism on PATH: go install {beam_options.PRISM}@v{apache_beam.__version__}, "
      "or name the file in PRISM"
    )
  if name == "prism-loopback":
    yield Engine(name, ["--runner=PrismRunner", f"--prism_location={prism}"], None)
    return
  with beam_servers.worker_pool(folder) as (workers, log), _prism(prism, folder, log) as jobs:
    flags = ["--runner=PortableRunner", f"--job_endpoint={jobs}"]
    yield Engine(
      name, [*flags, "--environment_type=EXTERNAL", f"--environment_config={workers}"], log
    )


@contextlib.contextmanager
def _prism(prism: str, folder: pathlib.Path, log: pathlib.Path) -> Iterator[str]:
  (port,) = beam_servers.free_ports(1)
  with log.open("ab") as out:
    process = subprocess.Popen(
      [prism, f"--job_port={port}", "--serve_http=false"], cwd=folder, stdout=out, stderr=out
    )
    try:
      beam_servers.wait_for(port, log)
      yield f"localhost:{port}"
    finally:
      process.kill()
      process.wait()
