"""Runs the whole pipeline, small: real photos, real network, all components."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

ROOT = pathlib.Path(__file__).parents[2]
PLUGINS = ROOT / "tests" / "plugins"
"""A folder of installed packages, as Python sees it: one brings the face
network `tiny`."""

SMALL = (
  "generator.image_size=32",
  "generator.latent_size=32",
  "generator.widths=[16, 32, 64]",
  "generator.epochs=15",
  "direction.samples=300",
  "synthetic.train_faces=300",
  "synthetic.eval_faces=60",
  "classifier.synthetic_weights=[0, 0.3]",
)

TINY = ("embedder.network=tiny", "engine.kind=tensorflow")
"""A face network of a few thousand numbers."""

SMALLEST = (
  *TINY,
  "engine.batch_size=16",
  "direction.samples=100",
  "synthetic.train_faces=64",
  "synthetic.eval_faces=16",
  "classifier.synthetic_weights=[0.3]",
  "evaluation.min_of_class=2",
  "evaluation.min_auc_low=0.5",
)
"""Of a run on few photos, with a generator from elsewhere."""


class Command(NamedTuple):
  """A finished command line."""

  status: int
  printed: str
  errors: str


class Run(NamedTuple):
  """A finished command, the folder of its run, and its `evaluation.json` as
  it was then; None where the command failed."""

  folder: pathlib.Path
  status: int
  printed: str
  errors: str
  evaluation: dict[str, Any] | None

  def artifact(self, component: str, output: str) -> pathlib.Path:
    """The newest artifact of a component."""
    return max(
      (self.folder / "tfx" / component / output).iterdir(), key=lambda path: int(path.name)
    )


def run_pipeline(
  output: pathlib.Path,
  name: str,
  *arguments: str,
  settings: Sequence[str] = SMALL,
  code: pathlib.Path = ROOT,
  environment: Mapping[str, str] | None = None,
) -> Run:
  """`python -m pipeline run`, as a person would."""
  assignments = [part for setting in settings for part in ("--set", setting)]
  done = command(
    "run",
    *arguments,
    "--name",
    name,
    "--output",
    str(output),
    *assignments,
    code=code,
    environment=environment,
  )
  folder = output / name
  evaluation = None if done.returncode else json.loads((folder / "evaluation.json").read_text())
  return Run(folder, done.returncode, done.stdout, done.stderr[-3000:], evaluation)


def command(
  *arguments: str, code: pathlib.Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess:
  """`python -m pipeline ...`; status, output and errors as text."""
  return subprocess.run(
    [sys.executable, "-m", "pipeline", *arguments],
    cwd=code,
    capture_output=True,
    text=True,
    check=False,
    env={**os.environ, **python_path(code), **(environment or {})},
  )


def python_path(code: pathlib.Path = ROOT) -> Mapping[str, str]:
  """The variable by which a command finds this code, and the plugins."""
  return {"PYTHONPATH": os.pathsep.join([str(code), str(PLUGINS)])}


def copy_of(run: Run, output: pathlib.Path) -> Run:
  """A run's folder again, elsewhere, for a test that writes into it.

  What TFX made is linked: artifacts are written once. ML Metadata still knows
  them by the place where they were made, so that the run has to stay.
  """
  folder = output / run.folder.name

  def link_or_copy(source: str, target: str) -> None:
    if "/tfx/" in source:
      os.link(source, target)
    else:
      shutil.copy2(source, target)

  shutil.copytree(run.folder, folder, copy_function=link_or_copy)
  return run._replace(folder=folder)
