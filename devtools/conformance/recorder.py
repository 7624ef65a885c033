"""Stands before `python` in a step's pod: keeps what the launcher started.

With the report of an earlier run of the step, that is reported again, with this
run's addresses; without it the step runs, and its report is kept.
"""

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

from pipeline.platforms.kubeflow import run_executor

STEP = "CONFORMANCE_STEP"
FOLDER = pathlib.Path("/recorder")
"""In a pod: `invocations/STEP.json`, `reports/STEP.json`, `repeat/STEP.json`."""


def _repeat(report: dict[str, Any], outputs: dict[str, Any]) -> None:
  for key, given in report["artifacts"].items():
    for artifact, wanted in zip(
      given["artifacts"], outputs["artifacts"][key]["artifacts"], strict=True
    ):
      artifact["uri"] = wanted["uri"]
      folder = pathlib.Path(run_executor.to_path(wanted["uri"], "/"))
      folder.mkdir(parents=True, exist_ok=True)
      (folder / "recorded").write_text(key)
  path = pathlib.Path(outputs["outputFile"])
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_text(json.dumps(report))


def _main(arguments: list[str]) -> int:
  name = f"{os.environ[STEP]}.json"
  text = arguments[arguments.index(run_executor.INVOCATION) + 1]
  (FOLDER / "invocations" / name).write_text(text)
  outputs = json.loads(text)["outputs"]
  earlier = FOLDER / "repeat" / name
  if earlier.exists():
    _repeat(json.loads(earlier.read_text()), outputs)
    return 0
  status = subprocess.run([sys.executable, *arguments], check=False).returncode
  if not status:
    (FOLDER / "reports" / name).write_text(pathlib.Path(outputs["outputFile"]).read_text())
  return status


if __name__ == "__main__":
  sys.exit(_main(sys.argv[1:]))
