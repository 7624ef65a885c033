"""Beam components in one process, and in one worker process a core."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence

from components.shared.artifacts import types as artifacts
from components.shared.core import progress
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.data import settings as source_settings
from components.shared.networks.engine_settings import EngineSettings
from devtools.bench import built, faces, rows
from pipeline import config
from pipeline.platforms.beam import beam_flags

_LABELED = 40


def measure(photos: Sequence[bytes], counts: Mapping[str, int], repeats: int) -> list[rows.Row]:
  """Rows `beam/<component>/<n>_workers`, one worker the baseline.

  Each turn is a process of its own, which runs the component's executor on
  that many photos (the sample's, over and over) and is timed from its call to
  the written artifact: with the start of Beam's workers, as in a pipeline.

  Args:
    photos: the sample's.
    counts: how many photos each component is given: `face_example_gen`,
      `face_embedder` or both.
    repeats: how often each is timed.
  """
  numbers = (1, max(2, os.cpu_count() or 1))
  rates: dict[str, list[float]] = {}
  with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    if "face_example_gen" in counts:
      _write_photos(root, photos, counts["face_example_gen"])
    if "face_embedder" in counts:
      built.write(root, photos, EngineSettings())
      faces.write(root / "faces", photos, counts["face_embedder"])
    turns = [
      (component, number) for _ in range(repeats) for component in counts for number in numbers
    ]
    with progress.bar("beam", len(turns), "turn") as bar:
      for component, number in turns:
        rates.setdefault(_name(component, number), []).append(
          counts[component] / _in_own_process(root, component, number)
        )
        bar.update()
  return [
    rows.Row(
      name=_name(component, number),
      rates=rates[_name(component, number)],
      baseline=_name(component, 1) if number > 1 else None,
    )
    for component in counts
    for number in numbers
  ]


def _name(component: str, number: int) -> str:
  return f"beam/{component}/{number}_workers"


def _write_photos(root: pathlib.Path, photos: Sequence[bytes], count: int) -> None:
  """A folder of files that all differ, and labels of the first of them."""
  (root / "photos").mkdir()
  for number in range(count):
    (root / "photos" / f"{number:06d}.jpg").write_bytes(
      photos[number % len(photos)] + b"%d" % number
    )  # After the JPEG's end.
  (root / "labels.csv").write_text(
    "image_id,Male\n" + "".join(f"{number:06d}.jpg,{number % 2}\n" for number in range(_LABELED))
  )


def _in_own_process(root: pathlib.Path, component: str, number: int) -> float:
  done = subprocess.run(
    [sys.executable, "-m", __name__, str(root), component, str(number)],
    check=True,
    capture_output=True,
    text=True,
  )
  return float(done.stdout.splitlines()[-1])


def _flags(number: int) -> Sequence[str]:
  local = config.RuntimeSettings().beam
  if number == 1:
    return local
  return beam_flags.merged(
    local, ["--direct_running_mode=multi_processing", f"--direct_num_workers={number}"]
  )


def _main(root: pathlib.Path, component: str, number: int) -> None:
  from tfx.dsl.components.base import base_beam_executor

  from components.face_embedder import executor as face_embedder
  from components.face_example_gen import executor as face_example_gen

  executor, arguments = {
    "face_example_gen": (face_example_gen, _read_photos),
    "face_embedder": (face_embedder, _embed),
  }[component]
  context = base_beam_executor.BaseBeamExecutor.Context(
    beam_pipeline_args=list(_flags(number)), tmp_dir=str(root / "tmp"), unique_id="1"
  )
  with tempfile.TemporaryDirectory(dir=root) as output:
    call = arguments(root, pathlib.Path(output))
    start = time.perf_counter()
    executor.Executor(context).Do(*call)
    print(time.perf_counter() - start)


def _read_photos(root: pathlib.Path, output: pathlib.Path):
  """Arguments of FaceExampleGen's executor."""
  from tfx.types import standard_artifacts

  return (
    {},
    {
      "examples": [_artifact(standard_artifacts.Examples, output / "faces")],
      "quarantine": [_artifact(artifacts.Quarantine, output / "aside")],
    },
    {
      "settings": settings_lib.to_json(
        source_settings.SourceSettings(path=str(root / "photos")).photos
      ),
      "reservation": settings_lib.to_json(source_settings.SplitSettings().reservation),
    },
  )


def _embed(root: pathlib.Path, output: pathlib.Path):
  """Arguments of FaceEmbedder's executor."""
  from tfx.types import standard_artifacts

  photos = _artifact(standard_artifacts.Examples, root / "faces")
  examples.set_splits(photos, [examples.TRAINING])
  return (
    {
      "faces": [photos],
      "network": [_artifact(standard_artifacts.Model, root / "network")],
      "engine": [_artifact(artifacts.Engine, root / "engine")],
    },
    {"embeddings": [_artifact(standard_artifacts.Examples, output)]},
    {"settings": settings_lib.to_json(EngineSettings())},
  )


def _artifact(type_, uri: pathlib.Path):
  uri.mkdir(exist_ok=True)
  made = type_()
  made.uri = str(uri)
  return made


if __name__ == "__main__":
  _main(pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
