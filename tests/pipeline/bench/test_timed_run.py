"""The table of where a run's seconds go."""

import importlib
import sys
import time

from devtools.bench import timed_run


def test_imports_are_told_from_own_work_and_the_rest(tmp_path, monkeypatch):
  monkeypatch.syspath_prepend(tmp_path)
  (tmp_path / "slow_inner.py").write_text("import time\ntime.sleep(0.2)\n")
  (tmp_path / "slow_outer.py").write_text("import slow_inner\n")
  monkeypatch.setattr("builtins.__import__", __import__)
  monkeypatch.setattr(importlib, "import_module", importlib.import_module)
  clock = timed_run._Clock()
  clock.count_imports()

  @clock.own
  def work() -> int:
    import slow_outer

    time.sleep(0.1)
    return len(slow_outer.__name__)

  with clock.part("component"):
    time.sleep(0.05)
    assert work() == 10
  (part,) = clock.parts
  assert part["name"] == "component" and "slow_inner" in sys.modules
  assert part["import_seconds"] >= 0.2
  # The inner import, counted twice, would be missing here.
  assert part["own_seconds"] >= 0.1 and part["tfx_seconds"] >= 0.05


def test_the_table_adds_up():
  parts = [
    {
      "name": name,
      "own_seconds": own,
      "tfx_seconds": 0.5,
      "import_seconds": 2.0,
      "processor_seconds": 3.0,
    }
    for name, own in (("First", 1.5), ("Second", 4.0))
  ]
  lines = timed_run.table({"wall_seconds": 12.0, "processor_seconds": 8.0, "parts": parts})
  assert "12 s" in lines[0] and "8 s" in lines[0]
  assert lines[2].split() == ["First", "1.5", "0.5", "2.0", "3.0"]
  assert lines[-1].split() == ["all", "5.5", "1.0", "4.0", "6.0"]
