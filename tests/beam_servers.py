"""Beam's job server and worker pool, each a process, on loopback only."""

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

_ROOT = pathlib.Path(__file__).parents[1]
_JOBS = "apache_beam.runners.portability.local_job_service_main"
_WORKERS = "apache_beam.runners.worker.worker_pool_main"


class Servers(NamedTuple):
  """Where they listen: HOST:PORT, and what the workers had to say."""

  jobs: str
  workers: str
  log: pathlib.Path

  @property
  def flags(self) -> list[str]:
    """Beam options that run a pipeline there."""
    return [
      "--runner=PortableRunner",
      f"--job_endpoint={self.jobs}",
      "--environment_type=EXTERNAL",
      f"--environment_config={self.workers}",
    ]


@contextlib.contextmanager
def running(folder: pathlib.Path) -> Iterator[Servers]:
  """Starts both with that working directory; stops them at the end."""
  (port,) = free_ports(1)
  with worker_pool(folder) as (workers, log), log.open("ab") as out:
    with _process([_JOBS, "--port", str(port)], folder, out):
      wait_for(port, log)
      yield Servers(f"localhost:{port}", workers, log)


@contextlib.contextmanager
def worker_pool(folder: pathlib.Path) -> Iterator[tuple[str, pathlib.Path]]:
  """Starts a pool of workers; gives where it listens, and its log."""
  (port,) = free_ports(1)
  log = folder / "servers.log"
  with log.open("wb") as out, _process([_WORKERS, f"--service_port={port}"], folder, out):
    wait_for(port, log)
    yield f"localhost:{port}", log


@contextlib.contextmanager
def _process(command, folder, out):
  path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ.get("PATH", "")])
  # The pool starts its workers as `python`.
  process = subprocess.Popen(
    [sys.executable, "-m", "tests.beam_servers", *command],
    cwd=folder,
    stdout=out,
    stderr=out,
    env={**os.environ, "PATH": path, "PYTHONPATH": str(_ROOT), "TF_USE_LEGACY_KERAS": "0"},
  )
  try:
    yield process
  finally:
    process.terminate()
    try:
      process.wait(20)
    except subprocess.TimeoutExpired:
      process.kill()
      process.wait()


def free_ports(count: int) -> list[int]:
  with contextlib.ExitStack() as stack:
    sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
    for one in sockets:
      one.bind(("127.0.0.1", 0))
    return [one.getsockname()[1] for one in sockets]


def wait_for(port: int, log: pathlib.Path, seconds: int = 60) -> None:
  deadline = time.monotonic() + seconds
  while True:
    try:
      socket.create_connection(("localhost", port), 1).close()
      return
    except OSError:
      if time.monotonic() > deadline:
        raise RuntimeError(log.read_text()[-2000:]) from None
      time.sleep(0.1)


def _serve(module: str, arguments: list[str]) -> None:
  """Runs Beam's own server, whose ports are made to be on loopback."""
  import importlib
  import logging
  import signal

  import grpc

  make = grpc.server

  def on_loopback(*args, **kwargs):
    server = make(*args, **kwargs)
    listen = server.add_insecure_port
    server.add_insecure_port = lambda address: listen(address.replace("[::]", "localhost"))
    return server

  grpc.server = on_loopback
  # What the job server tells workers where it is.
  socket.getfqdn = lambda name="": "localhost"
  signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
  logging.basicConfig(level=logging.INFO)
  main = importlib.import_module(module)
  getattr(main, "main" if module == _WORKERS else "run")(arguments)


if __name__ == "__main__":
  _serve(sys.argv[1], sys.argv[2:])
