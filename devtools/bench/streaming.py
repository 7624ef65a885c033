"""FaceEmbedder on few and on many photos: its memory should not grow."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from components.shared.artifacts import types as artifacts
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.networks.engine_settings import EngineSettings
from devtools.bench import built, faces, rows
from pipeline import config

_FEW = 32


def measure(photos: Sequence[bytes], counts: Sequence[int], repeats: int) -> list[rows.Row]:
  """Rows `stream/facenet/<photos>`, the first of them the baseline.

  Each turn is a process of its own, which embeds that many Examples (the
  photos, over and over) with FaceEmbedder's executor. What it takes to start,
  measured on a few Examples beforehand, is not counted. `peak_rss_bytes` is
  the largest of the turns, `ratio_of_memory` that against the baseline's.
  """
  with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    settings = EngineSettings()
    built.write(root, photos, settings)
    for count in (_FEW, *counts):
      faces.write(root / str(count), photos, count)
    found = {count: [] for count in counts}
    for _ in range(repeats):
      for count in counts:
        found[count].append(_in_own_process(root, count))
  names = {count: f"stream/facenet/{count}" for count in counts}
  memory = {count: max(turn["peak_rss_bytes"] for turn in turns) for count, turns in found.items()}
  return [
    rows.Row(
      name=names[count],
      rates=[(count - _FEW) / turn["seconds"] for turn in found[count]],
      baseline=names[counts[0]] if count != counts[0] else None,
      details={
        "peak_rss_bytes": memory[count],
        "ratio_of_memory": memory[count] / memory[counts[0]],
      },
    )
    for count in counts
  ]


def _in_own_process(root: pathlib.Path, count: int):
  done = subprocess.run(
    [sys.executable, "-m", __name__, str(root), str(count)],
    check=True,
    capture_output=True,
    text=True,
  )
  return json.loads(done.stdout.splitlines()[-1])


def _embed(root: pathlib.Path, count: int) -> float:
  """Seconds that FaceEmbedder takes for so many Examples."""
  from tfx.dsl.components.base import base_beam_executor
  from tfx.types import standard_artifacts

  from components.face_embedder import executor

  def artifact(type_, uri):
    made = type_()
    made.uri = str(uri)
    return made

  photos = artifact(standard_artifacts.Examples, root / str(count))
  examples.set_splits(photos, [examples.TRAINING])
  context = base_beam_executor.BaseBeamExecutor.Context(
    beam_pipeline_args=list(config.RuntimeSettings().beam), tmp_dir=str(root / "tmp"), unique_id="1"
  )
  start = time.perf_counter()
  with tempfile.TemporaryDirectory(dir=root) as output:
    executor.Executor(context).Do(
      {
        "faces": [photos],
        "network": [artifact(standard_artifacts.Model, root / "network")],
        "engine": [artifact(artifacts.Engine, root / "engine")],
      },
      {"embeddings": [artifact(standard_artifacts.Examples, output)]},
      {"settings": settings_lib.to_json(EngineSettings())},
    )
  return time.perf_counter() - start


def _peak_rss_bytes() -> int:
  """Of this process alone; `getrusage` starts with its parent's."""
  status = pathlib.Path("/proc/self/status").read_text()
  return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def _main(root: pathlib.Path, count: int) -> None:
  _embed(root, _FEW)  # Imports and first calls.
  started = _embed(root, _FEW)
  seconds = _embed(root, count) - started
  print(json.dumps({"seconds": seconds, "peak_rss_bytes": _peak_rss_bytes()}))


if __name__ == "__main__":
  _main(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
