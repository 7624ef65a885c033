"""What happens to machines: each is told in one line, and the same command
completes when it is over, with the same evaluation."""

import os
import pathlib
import signal
import time

import pytest

from tests.faults import clocks, processes, runs

_TOO_LITTLE = 900 << 20
"""Bytes: more than the libraries, less than a run."""


@pytest.mark.slow
def test_little_memory_and_two_at_once(few_photos, tmp_path):
  arguments = runs.arguments(tmp_path, "run", [*few_photos, "--generator", "dcgan-digiface"])
  _memory_runs_out(arguments)
  _two_at_once(arguments, "EmbeddingNetwork")


@pytest.mark.long
def test_one_mishap_after_another(few_photos, few_run, tmp_path):
  arguments = runs.arguments(
    tmp_path, few_run.folder.name, [*few_photos, "--generator", "dcgan-digiface"]
  )
  folder = tmp_path / few_run.folder.name
  _memory_runs_out(arguments)
  _a_worker_is_lost(arguments)
  _two_at_once(arguments, "RealFaceEmbedder")
  clocks.was_put_back(folder, days=400)
  last = runs.Started(arguments)
  assert last.end() == 0, last.told()
  runs.check_complete(folder, few_run.folder)
  _the_clock_was_put_back_again(arguments, folder)


def _memory_runs_out(arguments):
  with processes.little_memory(_TOO_LITTLE) as prefix:
    run = runs.Started(arguments, prefix=prefix)
    assert run.end() == 128 + signal.SIGKILL, run.told()
  (error,) = run.errors
  assert "memory ran out" in error, error
  assert not run.seen or f"while {run.seen[-1]} was at work" in error
  assert "give the same command again" in error


def _a_worker_is_lost(arguments):
  """A worker process of Beam is killed at its work."""
  run = runs.Started(
    [
      *arguments,
      *(
        part
        for flag in ("--direct_running_mode=multi_processing", "--direct_num_workers=2")
        for part in ("--beam", f"RealFaceEmbedder:{flag}")
      ),
    ]
  )
  assert run.wait_for("RealFaceEmbedder"), run.told()
  busy = []
  while not busy and run.process.poll() is None:
    time.sleep(0.1)
    busy = [
      worker
      for worker in processes.workers_of(run.process.pid)
      if processes.processor_seconds(worker) > 5
    ]
  os.kill(busy[0], signal.SIGKILL)
  assert run.end() == 2, run.told()
  assert run.seen[-1] == "RealFaceEmbedder"
  (error,) = run.errors
  assert "a worker process of Beam died" in error
  assert not processes.workers_of(os.getpid())


def _two_at_once(arguments, component: str):
  """One runs, the other says so; then the one is killed."""
  first = runs.Started(arguments)
  assert first.wait_for(component), first.told()
  second = runs.Started(arguments)
  assert second.end() == 2 and not second.seen
  (error,) = second.errors
  assert "another run is at work in this folder" in error
  assert first.process.poll() is None
  # The one that watches, as a person would kill it; the other ends with it.
  first.process.kill()
  assert first.end() == -signal.SIGKILL


def _the_clock_was_put_back_again(arguments, folder: pathlib.Path):
  """All that is there was made in the future; a new model is still newer, and
  the newest run is the one that was run last."""
  clocks.was_put_back(folder, days=1000)
  before = runs.evaluation(folder)
  (old,) = runs.versions(folder)
  run = runs.Started([*arguments, "--set", "classifier.seed=1"])
  assert run.end() == 0, run.told()
  assert int(runs.versions(folder)[-1].name) > int(old.name)
  assert len(runs.versions(folder)) == 2
  after = runs.evaluation(folder)
  assert after["ladder"] != before["ladder"]
