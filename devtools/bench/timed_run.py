"""Where the seconds of a run go: components' own work, imports, TFX."""

import builtins
import contextlib
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_START, _END = "(start)", "(end)"


def measure(settings: Sequence[str] = ()) -> dict[str, Any]:
  """Runs the sample once, in a process of its own.

  Args:
    settings: of the run, as for `--set`.

  Returns:
    `wall_seconds` and `processor_seconds` of the process, and `parts`, in
    their order: the start, each component, and what follows the last one. Of
    each `name`; `own_seconds`, its executor's, without `import_seconds`; the
    rest is `tfx_seconds`; and `processor_seconds` of all of it.
  """
  with tempfile.TemporaryDirectory() as folder:
    target = pathlib.Path(folder, "parts.json")
    command = [
      sys.executable,
      "-m",
      __name__,
      str(target),
      "run",
      "--name",
      "bench",
      "--output",
      f"{folder}/output",
    ]
    for setting in settings:
      command += ["--set", setting]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads(target.read_text())


def table(found: dict[str, Any]) -> list[str]:
  """Lines of text: each part, and the sum."""
  columns = ("own", "tfx", "import", "processor")
  parts = found["parts"]
  total = {
    f"{column}_seconds": sum(part[f"{column}_seconds"] for part in parts) for column in columns
  }
  lines = [
    f"A run of the sample: {found['wall_seconds']:.0f} s, "
    f"{found['processor_seconds']:.0f} s of processor time",
    f"{'seconds':<32}{'own':>9}{'TFX':>9}{'imports':>9}{'processor':>11}",
  ]
  for part in [*parts, {"name": "all", **total}]:
    lines.append(
      f"{part['name']:<32}"
      + "".join(
        f"{part[f'{column}_seconds']:>{width}.1f}"
        for column, width in zip(columns, (9, 9, 9, 11), strict=True)
      )
    )
  return lines


class _Clock:
  """Tells parts of a run apart.

  Attributes:
    parts: see `measure`.
  """

  def __init__(self):
    self.parts: list[dict[str, Any]] = []
    self._imported = 0.0
    self._own = 0.0
    self._importing = threading.local()

  def count_imports(self) -> None:
    """From here on: modules' bodies, and all that they import."""
    builtins.__import__ = self._counted(builtins.__import__)
    importlib.import_module = self._counted(importlib.import_module)

  @contextlib.contextmanager
  def part(self, name: str) -> Iterator[None]:
    """What is done in its scope is a part; own is what `own` was told."""
    self._own = 0.0
    start, imported, spent = (time.perf_counter(), self._imported, _processor_seconds())
    try:
      yield
    finally:
      imports = self._imported - imported
      self.parts.append(
        {
          "name": name,
          "own_seconds": self._own,
          "import_seconds": imports,
          "tfx_seconds": (time.perf_counter() - start - self._own - imports),
          "processor_seconds": _processor_seconds() - spent,
        }
      )

  def own(self, work: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose time, without imports, is a component's own."""

    def timed(*args, **kwargs):
      start, imported = time.perf_counter(), self._imported
      try:
        return work(*args, **kwargs)
      finally:
        self._own += time.perf_counter() - start - (self._imported - imported)

    return timed

  def _counted(self, load: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*args, **kwargs):
      if getattr(self._importing, "now", False):
        return load(*args, **kwargs)
      self._importing.now = True
      start = time.perf_counter()
      try:
        return load(*args, **kwargs)
      finally:
        self._importing.now = False
        self._imported += time.perf_counter() - start

    return counted


def _processor_seconds() -> float:
  return sum(os.times()[:4])


def _main(target: str, arguments: Sequence[str]) -> None:
  begin, clock = time.perf_counter(), _Clock()
  clock.count_imports()
  with clock.part(_START):
    from tfx.orchestration.portable import launcher, python_executor_operator

    from pipeline import run as run_lib
    from pipeline.programs import cli, report
  python_executor_operator.run_with_executor = clock.own(python_executor_operator.run_with_executor)
  launch = launcher.Launcher.launch

  def timed_launch(self):
    with clock.part(self._pipeline_node.node_info.id):
      return launch(self)

  launcher.Launcher.launch = timed_launch
  publish = clock.own(report.publish)

  def timed_publish(*args):
    with clock.part(_END):
      return publish(*args)

  run_lib.report.publish = timed_publish
  sys.argv[1:] = arguments
  try:
    cli.main()
  finally:
    pathlib.Path(target).write_text(
      json.dumps(
        {
          "wall_seconds": time.perf_counter() - begin,
          "processor_seconds": _processor_seconds(),
          "parts": clock.parts,
        }
      )
    )


if __name__ == "__main__":
  _main(sys.argv[1], sys.argv[2:])
