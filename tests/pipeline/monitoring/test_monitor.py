"""Weeks of use: what raises an alarm, and what must not."""

import dataclasses
import json
import re
import shutil

import numpy as np
import pytest

from components.shared.learning import arrays, monitoring
from pipeline.programs.monitoring import comparison
from tests.pipeline.monitoring.conftest import another_camera, as_faces, seen


@pytest.fixture
def monitor(invoke, folder, tmp_path):
  """monitor(arguments): exit status, and the JSON that is printed."""

  def call(*arguments):
    done = invoke("monitor", tmp_path / "log", "--output", folder.path.parent, "--json", *arguments)
    return done.status, json.loads(done.printed) if done.status < 2 else done.errors

  return call


def _week(photos, seed, count=60):
  draw = np.random.default_rng(seed).choice(250, count, replace=False)
  return [photos[250 + i] for i in draw]


def test_labels_are_counted_as_the_model_gave_them(photos, trained_on, tmp_path):
  """Its threshold may be another than a half."""
  path = tmp_path / arrays.FOLDER / monitoring.FILE
  path.parent.mkdir()
  path.write_bytes(trained_on)
  baseline = monitoring.read(tmp_path)
  rows = [
    dataclasses.replace(seen(photo), probabilities={"Dark": 0.4}, labels={"Dark": int(i < 3)})
    for i, photo in enumerate(photos[:12])
  ]
  counts = baseline.count(as_faces(rows))
  faces = dict(zip(baseline.slices, counts.sum(axis=2)[:, 0].tolist(), strict=True))
  assert faces == {monitoring.ALL: 12, "Dark=0": 9, "Dark=1": 3}
  of_label = counts[0, baseline.features.index("label_Dark")]
  assert sorted(of_label[of_label > 0].tolist()) == [3, 9]


def test_ten_quiet_weeks(use, photos, monitor):
  for week in range(10):
    use(week, _week(photos, week))
    status, found = monitor()
    assert status == 0 and not found["alarm"], found["moved"]
  assert len(found["windows"]) == 10
  assert all(window["compared"] > 20 and not window["moved"] for window in found["windows"])


def test_a_camera_that_changes(use, photos, monitor, folder):
  for week in range(2):
    use(week, _week(photos, week))
  for week in range(2, 4):
    use(week, map(another_camera, _week(photos, week)))
  status, found = monitor()
  assert status == 1
  moved = {row["feature"]: row for row in found["moved"] if row["slice"] == monitoring.ALL}
  assert {"saturation", "brightness"} <= set(moved)
  assert moved["saturation"]["since"] == "2024-01-15"
  # The step was a week ago; since then nothing has moved any more.
  assert moved["saturation"]["distance"] > 0.5 and moved["saturation"]["step"] < 0.1
  page = (folder.path / "monitoring" / "index.html").read_text()
  assert "something has moved" in page and "saturation" in page


def test_shares_that_change(use, photos, monitor):
  dark = [jpeg for jpeg in photos[250:] if seen(jpeg).labels["Dark"]]
  light = [jpeg for jpeg in photos[250:] if not seen(jpeg).labels["Dark"]]
  use(0, _week(photos, 0))
  assert monitor()[0] == 0
  larger, smaller = (dark, light) if len(dark) > len(light) else (light, dark)
  use(1, [*smaller[:70], *larger[:8]])
  status, found = monitor()
  assert status == 1
  assert "label_Dark" in {row["feature"] for row in found["moved"]}
  assert all(row["since"] == "2024-01-08" for row in found["moved"])


def test_an_alarm_ends_with_its_cause(use, photos, monitor):
  use(0, map(another_camera, _week(photos, 0)))
  assert monitor()[0] == 1
  use(1, _week(photos, 1))
  status, found = monitor()
  assert status == 0
  assert [bool(window["moved"]) for window in found["windows"]] == [True, False]


def test_single_faces_leave_no_trace_of_their_embedding(use, photos):
  kept = json.loads(use(0, photos[250:259], failed=2).read_text())
  first = len(monitoring.QUALITY)
  counts = np.array(kept["counts"])
  assert kept["moments"] is None and counts[:, first : first + 16].sum() == 0
  assert counts[0, :first].sum() == 9 * first
  assert kept["photos"] == 11 and kept["failed"] == {"no face was found": 2}
  of_ten = json.loads(use(0, photos[250:260]).read_text())
  assert of_ten["moments"]["faces"] == 10
  assert np.array(of_ten["counts"])[0, first : first + 16].sum() == 160
  assert "someone" not in json.dumps(of_ten)


def test_too_few_faces_tell_nothing(use, photos, monitor):
  use(1, photos[250:270])
  status, said = monitor()
  assert status == 2 and "--days" in said
  use(2, photos[270:280])  # Two weeks that begin together.
  assert monitor("--days", 14)[0] == 0


def test_many_calls_add_up(use, photos, monitor):
  for start in range(250, 310, 12):
    use(0, photos[start : start + 12])
  status, found = monitor()
  (window,) = found["windows"]
  assert status == 0 and window["calls"] == 5 and window["faces"] == 60
  assert window["shift"] < 0.5


def test_without_a_baseline(use, photos, monitor, folder, invoke, sample_photos, tmp_path):
  use(0, _week(photos, 0))
  shutil.rmtree(folder.pushed / "100" / "assets.extra")
  status, said = monitor()
  assert status == 2 and "has no baseline for monitoring" in said
  (folder.pushed / "100" / "saved_model.pb").touch()
  done = invoke(
    "predict", sample_photos / "000007.jpg", "--output", folder.path.parent, "--log", tmp_path / "n"
  )
  assert done.status == 2 and "has no baseline for monitoring" in done.errors
  assert not (tmp_path / "n").exists()


def test_a_model_whose_folder_is_gone(use, photos, monitor, folder, trained_on):
  use(0, _week(photos, 0))
  shutil.copytree(folder.pushed / "100", folder.pushed / "200")
  use(1, _week(photos, 1))
  shutil.rmtree(folder.pushed / "100")
  status, found = monitor()
  assert status == 0 and [window["model"] for window in found["windows"]] == [200]
  assert re.search("model/100: the folder .* is gone", found["left_out"][0])


@pytest.mark.parametrize(
  "content", [b"", b"[]", b"{}", b'{"time": 3}', b"\xff", b'{"counts": [[[-1]]]}']
)
def test_damaged_logs(use, photos, monitor, tmp_path, content):
  use(0, _week(photos, 0))
  (tmp_path / "log" / "20240101T000000Z-bad.json").write_bytes(content)
  status, said = monitor()
  assert status == 2 and "20240101T000000Z-bad.json: is damaged" in said


def test_no_log(monitor):
  status, said = monitor()
  assert status == 2 and "no log is here" in said


def test_holm():
  assert comparison.holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
  assert comparison.holm([]) == []
