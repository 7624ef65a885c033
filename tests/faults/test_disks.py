"""Disks that are full, or read-only: a clear line, and nothing is lost."""

import pytest

from tests.faults import disks, runs

_MEBI = 1 << 20
_WRITES_NOTHING = {"FaceGate", "EmbeddingGate", "LatestBlessedModel"}


@pytest.mark.long
def test_full_for_each_component(undisturbed, few_photos, tmp_path):
  """Half of what it needs is free where a component writes, then all."""
  disks.needs_mounts()
  arguments = runs.arguments(tmp_path, "undisturbed", few_photos, runs.TRAINED)
  folder = tmp_path / "undisturbed"
  _begin(arguments)
  wrote_nothing = set()
  for component in runs.in_order(undisturbed.folder / "run.log"):
    needed = sum(
      len(content) for content in runs.files(undisturbed.folder / "tfx" / component).values()
    )
    if not needed:
      wrote_nothing.add(component)
      continue
    if component == "Pusher":
      with disks.mounted(folder / "model", 100):
        _check_refused(arguments, component, "the disk is full")
    with disks.mounted(folder / "tfx" / component, needed // 2):
      _check_refused(arguments, component, "the disk is full")
  assert wrote_nothing <= _WRITES_NOTHING
  last = runs.Started(arguments)
  assert last.end() == 0, last.told()
  runs.check_complete(folder, undisturbed.folder)


@pytest.mark.long
@pytest.mark.parametrize(
  "component", ["FaceExampleGen", "VaeGanTrainer", "RealFaceEmbedder", "Transform", "Evaluator"]
)
def test_read_only_for_a_component(few_photos, tmp_path, component):
  disks.needs_mounts()
  arguments = runs.arguments(tmp_path, "run", few_photos, runs.TRAINED)
  _begin(arguments)
  with disks.mounted(tmp_path / "run" / "tfx" / component, options="ro"):
    _check_refused(arguments, component, "read-only")


@pytest.mark.slow
def test_everything_on_a_small_disk(few_photos, tmp_path):
  """ML Metadata, the log and the page are on it, too. The generator's weights
  are the first that don't fit."""
  disks.needs_mounts()
  arguments = runs.arguments(tmp_path, "run", [*few_photos, "--generator", "dcgan-digiface"])
  with disks.mounted(tmp_path / "run", 20 * _MEBI):
    _check_refused(arguments, "PretrainedGenerator", "the disk is full")


def _begin(arguments) -> None:
  """Lets the folder become a run's, which others aren't taken for."""
  run = runs.Started(arguments)
  assert run.wait_for("EmbeddingNetwork"), run.told()
  run.kill()


def _check_refused(arguments, component: str, words: str) -> None:
  """A run ends in a component, with one line that says why."""
  run = runs.Started(arguments)
  assert run.end() == 2, (component, run.told())
  assert run.seen[-1] == component
  (error,) = run.errors
  assert words in error and "give the same command again" in error
  assert not any("Traceback" in line for line in run.lines), run.told()
