"""Killed anywhere (SIGKILL), the same command completes, and nothing is lost.

A chain of runs in one folder: each is killed while the next component is at
its work, at a moment that is drawn. Then one is left alone.
"""

import random

import pytest

from tests.faults import runs

_PARTS = 3
"""A component's time is divided into so many, and each has its chain."""
_LEAST = 20
"""Components of each chain that have to be killed at their work; on a machine
whose speed changes some are missed."""
_OF_ITS_TIME = 0.85
"""Later than that a component may be done, if it is a little faster than it was
undisturbed."""


@pytest.mark.long
@pytest.mark.parametrize("part", range(_PARTS))
def test_killed_in_each_component(undisturbed, few_photos, tmp_path, part):
  moments = random.Random(part)
  arguments = runs.arguments(tmp_path, "undisturbed", few_photos, runs.TRAINED)
  folder = tmp_path / "undisturbed"
  seconds = undisturbed.evaluation["seconds"]
  killed = []
  checkpoints = False
  for component in runs.in_order(undisturbed.folder / "run.log"):
    run = runs.Started(arguments)
    if not run.wait_for(component):
      pytest.fail(run.told())
    moment = (moments.random() + part) / _PARTS * _OF_ITS_TIME
    run.wait(moment * seconds[component])
    killed.append(run.kill())
    if checkpoints:
      assert "resuming at step" in (folder / "run.log").read_text()
    checkpoints = killed[-1] == "VaeGanTrainer" and any((folder / "checkpoints").rglob("*.index"))
  print("killed in", ", ".join(killed))
  assert len(set(killed) - {""}) >= _LEAST
  last = runs.Started(arguments)
  assert last.end() == 0, last.told()
  runs.check_complete(folder, undisturbed.folder)
