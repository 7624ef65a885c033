"""The page of a run that failed says where, whatever the names hold."""

import pytest

from components.report import facts, page
from components.shared.artifacts import ladder_files

NASTY = "<script>alert('x')</script>"


@pytest.mark.parametrize("answered", [False, True])
def test_says_where_and_why(answered, tmp_path):
  component = facts.Component(
    name="FaceGate",
    state="FAILED",
    seconds=1.5,
    peak_bytes=None,
    made_from=["FaceStatistics"],
    artifacts=[("result", "FaceGate/result/1")],
    parameters={"settings": NASTY},
    code="0123456789abcdef",
    led_to_model=False,
  )
  run = facts.Run(
    started="2026-01-02 03:04",
    complete=False,
    components=[component],
    history=[facts.PastRun("2026-01-02 03:04", NASTY, 3700.0, None, "did not end", [NASTY], False)],
    peak_bytes=None,
  )
  uris = {}
  if answered:
    row = {
      "auc": 0.915,
      "auc_ci95": [0.85, 0.97],
      "accuracy": 0.8,
      "accuracy_ci95": [0.7, 0.9],
      "n": 99,
    }
    ladder_files.write(str(tmp_path), {NASTY: {"n": 94, "ladder": {"labeled_only": row}}}, {})
    uris["first_ladder"] = str(tmp_path)
  html = page.render_failure(
    NASTY, NASTY, facts.Failure(["FaceGate"], f"no photo is {NASTY}"), uris, run
  )
  assert ("What labels alone are worth" in html) == answered
  assert ("0.915" in html) == answered
  assert "This run failed" in html and "in FaceGate" in html
  assert "no photo is &lt;script&gt;" in html and "<script" not in html
  assert "1 h 01 min" in html and "failed</span>" in html
  assert "src=" not in html
