"""The benchmark runs and writes what it promises; how fast is not tested."""

import json
import pathlib
import subprocess
import sys

import pytest

from components.shared.core import errors
from devtools.bench import bounds, groups, load, load_inputs, rows, run
from pipeline import config as config_lib
from pipeline import dag, places

_ROOT = pathlib.Path(__file__).parents[3]
# VGG-Face goes the ways that FaceNet goes, with 6 GB and for minutes.
_LONG = ("tfx", "run", "vgg_face")
_WAYS = ("one_at_a_time", "tensorflow", "onnx_fp32", "onnx_int8")


@pytest.mark.slow
def test_smoke(tmp_path):
  output = tmp_path / "bench.json"
  done = subprocess.run(
    [
      sys.executable,
      "-m",
      "pipeline",
      "bench",
      "--smoke",
      "--output",
      str(output),
      *(name for name in groups.GROUPS if name not in _LONG),
    ],
    cwd=_ROOT,
    check=False,
    capture_output=True,
    text=True,
  )
  assert done.returncode == 0, done.stderr[-2000:]
  found = json.loads(output.read_text())
  assert found["machine"]["threads"] >= 1
  assert found["machine"]["versions"]["tensorflow"] in done.stdout
  for row in found["start"]:
    assert row["command"] in done.stdout
    assert "skipped" in row or row["ratio_to_python"] > 0
  by_name = {row["name"]: row for row in found["rows"]}
  assert len(by_name) == len(found["rows"])
  for way in _WAYS:
    row = by_name[f"embed/facenet/{way}"]
    if way != "one_at_a_time":
      assert row["baseline"] == "embed/facenet/one_at_a_time"
      assert row["ratio"] > 0
  assert by_name["embed/facenet/onnx_int8"]["cosine_median"] > 0.98
  for use in ("batches", "one"):
    for beside in ("nothing", "busy"):
      row = by_name[f"spin/{use}/{beside}/off"]
      assert row["baseline"] == f"spin/{use}/{beside}/on" and row["ratio"] > 0
      assert row["processor_seconds_per_1000"] > 0
  assert by_name["train/vaegan"]["baseline"] == "train/keras_loop"
  assert by_name["stream/facenet/800"]["peak_rss_bytes"] > 1e8
  (several,) = (
    row
    for name, row in by_name.items()
    if name.startswith("beam/face_example_gen/") and "ratio" in row
  )
  assert several["baseline"] == "beam/face_example_gen/1_workers"
  assert by_name["load/face_example_gen/400"]["ratio_of_memory"] > 0.5
  assert by_name["load/face_example_gen/400"]["start_up_seconds"] > 0
  assert by_name["evaluate/1_annotations"]["seconds"] > 0
  assert "decode/jpeg" in by_name
  for name, row in by_name.items():
    rate = row["photos_per_second"]
    assert 0 < rate["min"] <= rate["median"] <= rate["max"]
    assert name in done.stdout


def test_bounds_are_measured():
  """What VGG-Face is held against."""
  found = bounds.ways()
  assert bounds.FP32 in found
  assert all(way() > 0 for way in found.values())


def test_unknown_group():
  with pytest.raises(errors.UserError, match="no benchmark 'gpu'.*facenet"):
    run.run(["gpu"], run.SMOKE)


def test_ratios_are_those_of_the_repeats():
  found = rows.as_json(
    [
      rows.Row(name="slow", rates=[1, 2, 4]),
      rows.Row(name="fast", rates=[10, 12, 12], baseline="slow", bound="limit"),
      rows.Row(name="limit", rates=[24, 24, 24]),
    ]
  )
  assert "ratio" not in found[0]
  assert found[1]["ratio"] == 6  # Of 10, 6 and 3.
  assert found[1]["fraction_of_bound"] == 0.5
  assert found[1]["photos_per_second"] == {"median": 12, "min": 10, "max": 12}
  fast = next(line for line in rows.table(found) if line.startswith("fast"))
  assert "6.00" in fast and "50%" in fast


def test_turns_are_taken():
  order = []
  rates = rows.take_turns(
    {"a": lambda: order.append("a") or 3, "b": lambda: order.append("b") or 5}, repeats=2, label=""
  )
  assert order == ["a", "b"] * 3  # The first turns are not timed.
  assert [len(values) for values in rates.values()] == [2, 2]


def test_costs_are_told_without_the_start():
  """And not at all where the start's noise is larger."""

  def turn(photos, cost, bytes_):
    seconds = cost * (photos - load_inputs.FEW)
    return load.Turn(
      start_up=5,
      start_up_varies=0.02,
      seconds=2 * seconds,
      processor_seconds=seconds,
      peak_bytes=bytes_,
    )

  found = rows.as_json(
    load.of_component(
      "statistics",
      {
        500: [turn(500, 1e-4, 1000)] * 3,
        5000: [turn(5000, 1e-4, 1100), turn(5000, 2e-4, 900)],
        50000: [turn(50000, 3e-4, 1200)],
      },
    )
  )
  few, more, many = found
  assert "ratio_of_cost" not in few and few["start_up_seconds"] == 5
  assert more["processor_seconds_per_photo"] == pytest.approx(1.5e-4)
  assert more["ratio_of_cost"] == 1
  assert many["ratio_of_cost"] == pytest.approx(2)
  assert many["cost_baseline"] == more["name"] == "load/statistics/5000"
  assert many["seconds_per_photo"] == pytest.approx(6e-4)
  assert (more["ratio_of_memory"], many["ratio_of_memory"]) == (1.1, 1.2)
  assert many["photos_per_second"]["median"] == pytest.approx(
    50000 / (5 + 6e-4 * (50000 - load_inputs.FEW))
  )
  assert many["baseline"] == few["name"]
  lines = load.table(found)
  assert "noise" in lines[1] and "2.00" in lines[3] and "1.20" in lines[3]
  assert not load.table([])


def test_every_component_is_one_of_the_dag():
  pipeline = dag.create_pipeline(
    config_lib.Config(),
    places.Places(pipeline_name="", root="", pushed=""),
    dag.Inputs(photos_fingerprint="", labels_fingerprint="", others=()),
  )
  assert set(load.NODES) == set(load.COMPONENTS)
  assert set(load.NODES.values()) <= {node.id for node in pipeline.components}
