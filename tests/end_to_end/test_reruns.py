"""Running again: what is reused, what is not."""

import shutil

import pytest

from tests.end_to_end.running import ROOT, run_pipeline

# The first run had no blessed model to be compared with; the second has.
AFTER_A_BLESSING = {"LatestBlessedModel", "Evaluator", "ServingGate", "Pusher", "Report"}


def test_nothing_changed(own_run):
  before = own_run.evaluation
  run = run_pipeline(own_run.folder.parent, "small", "sample")
  assert run.status == 0, run.errors
  assert set(before["seconds"]) - set(run.evaluation["cached"]) <= (AFTER_A_BLESSING)
  assert run.evaluation["ladder"] == before["ladder"]
  assert run.evaluation["hand_labeled"] == before["hand_labeled"]


@pytest.mark.slow
def test_changed_code_runs_again_with_beam(own_run, tmp_path):
  """Also the one test in which Beam walks the DAG."""
  for package in ("components", "pipeline", "schema"):
    shutil.copytree(ROOT / package, tmp_path / "code" / package)
  with open(
    tmp_path / "code" / "components" / "shared" / "learning" / "steps.py", "a", encoding="utf-8"
  ) as file:
    file.write("\nA_CHANGE = 1\n")
  run = run_pipeline(
    own_run.folder.parent, "small", "sample", "--orchestrator", "beam", code=tmp_path / "code"
  )
  assert run.status == 0, run.errors
  cached = set(run.evaluation["cached"])
  assert {
    "FaceExampleGen",
    "VaeGanTrainer",
    "SyntheticFaceGen",
    "RealFaceEmbedder",
    "Transform",
    "Trainer",
  } <= cached
  assert not cached & {"Ladder", "Report"}
  assert run.evaluation["ladder"] == own_run.evaluation["ladder"]
