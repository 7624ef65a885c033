"""What each component of a whole run costs, and what a run costs by itself."""

import json
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

SMALL = (
  "generator.image_size=32",
  "generator.latent_size=32",
  "generator.widths=[16, 32, 64]",
  "generator.epochs=10",
  "synthetic.train_faces=300",
  "synthetic.eval_faces=60",
)
"""The sample with a small generator: what is left is mostly TFX's own."""


def measure(settings: Sequence[str] = SMALL) -> dict[str, Any]:
  """Runs the sample twice, the second time out of the cache.

  Returns:
    `wall_seconds` and `cached_wall_seconds` of the two commands; `components`,
    the slowest first: name, seconds, and seconds in the second run.
  """
  with tempfile.TemporaryDirectory() as output:
    first, seconds = _run(output, settings)
    second, cached_seconds = _run(output, settings)
  components = [
    {"name": name, "seconds": taken, "again_seconds": cached_seconds[name]}
    for name, taken in sorted(seconds.items(), key=lambda item: item[1], reverse=True)
  ]
  return {"wall_seconds": first, "cached_wall_seconds": second, "components": components}


def table(found: dict[str, Any], shown: int = 8) -> Sequence[str]:
  """Lines of text: the slowest components."""
  lines = [
    f"A run of the sample with a small generator: "
    f"{found['wall_seconds']:.0f} s; again, from the cache: "
    f"{found['cached_wall_seconds']:.0f} s",
    f"{'component':<32}{'seconds':>10}{'again':>9}",
  ]
  for component in found["components"][:shown]:
    lines.append(
      f"{component['name']:<32}{component['seconds']:>10.1f}{component['again_seconds']:>9.1f}"
    )
  return lines


def _run(output: str, settings: Sequence[str]) -> tuple[float, dict[str, float]]:
  """Wall-clock seconds of `python -m pipeline run`, and each component's."""
  command = [sys.executable, "-m", "pipeline", "run", "--name", "bench", "--output", output]
  for setting in settings:
    command += ["--set", setting]
  start = time.perf_counter()
  subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
  wall = time.perf_counter() - start
  evaluation = pathlib.Path(output, "bench", "evaluation.json")
  return wall, json.loads(evaluation.read_text())["seconds"]
