"""Running again: what is reused, what is not."""

import shutil

from tests.end_to_end.running import ROOT
from tests.end_to_end.running import run_pipeline

# The first run had no blessed model to be compared with; the second has.
AFTER_A_BLESSING = {"LatestBlessedModel", "Evaluator", "Pusher", "Report"}


def test_nothing_changed(first_run, output):
  before = first_run.evaluation
  run = run_pipeline(output, "small", "sample")
  assert run.status == 0, run.errors
  assert set(before["seconds"]) - set(run.evaluation["cached"]) <= (
      AFTER_A_BLESSING)
  assert run.evaluation["ladder"] == before["ladder"]
  assert run.evaluation["hand_labeled"] == before["hand_labeled"]


def test_changed_code_runs_again_with_beam(first_run, output, tmp_path):
  """Also the one test in which Beam walks the DAG."""
  for package in ("components", "pipeline", "schema"):
    shutil.copytree(ROOT / package, tmp_path / package)
  with open(tmp_path / "components" / "ladder" / "steps.py", "a",
            encoding="utf-8") as file:
    file.write("\n# A change.\n")
  run = run_pipeline(output, "small", "sample", "--orchestrator", "beam",
                     code=tmp_path)
  assert run.status == 0, run.errors
  cached = set(run.evaluation["cached"])
  assert {"FaceExampleGen", "VaeGanTrainer", "SyntheticFaceGen",
          "RealFaceEmbedder", "Transform", "Trainer"} <= cached
  assert not cached & {"Ladder", "Report"}
  assert run.evaluation["ladder"] == first_run.evaluation["ladder"]
