"""Runs held against each other."""

from pipeline import changed_settings, lineage

BEFORE = """
name: one
generator: {epochs: 100, widths: [1, 2]}
runtime: {devices: auto}
"""


def test_changed_settings_are_named():
  now = BEFORE.replace("100", "15").replace("auto", "cpu").replace("one", "two") + "added: {x: 1}\n"
  assert changed_settings.changes(now, BEFORE) == [
    "added.x: absent -> 1",
    "generator.epochs: 100 -> 15",
  ]


def test_many_changes_are_counted():
  settings = "\n".join(f"s{n:02d}: {{value}}" for n in range(20))
  found = changed_settings.changes(
    settings.replace("{value}", "1"), settings.replace("{value}", "2")
  )
  assert len(found) == 9 and found[-1] == "and 12 more"


def component(inputs=(), outputs=()):
  return lineage.ComponentRun(
    seconds=0.0,
    state="COMPLETE",
    inputs={"in": list(inputs)},
    outputs={"out": list(outputs)},
    parameters={},
  )


def test_upstream_of_the_pushed_model():
  components = {
    "Gen": component(outputs=["a"]),
    "Gate": component(["a"], ["g"]),
    "Train": component(["a", "elsewhere"], ["b"]),
    "Push": component(["b"], ["c"]),
  }
  assert list(lineage.upstream(components, "Push")) == ["Gen", "Train", "Push"]
  assert list(lineage.upstream(components, "absent")) == []
