"""The page of a run that failed says where, whatever the names hold."""

from components.report import facts, page

NASTY = "<script>alert('x')</script>"


def test_says_where_and_why():
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
  html = page.render_failure(
    NASTY, NASTY, facts.Failure(["FaceGate"], f"no photo is {NASTY}"), {}, run
  )
  assert "This run failed" in html and "in FaceGate" in html
  assert "no photo is &lt;script&gt;" in html and "<script" not in html
  assert "1 h 01 min" in html and "failed</span>" in html
  assert "src=" not in html
