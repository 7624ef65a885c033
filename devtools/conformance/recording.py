"""What was given to each step, in a form that is the same in every run."""

import hashlib
import json
import pathlib
import re
from typing import Any

from pipeline.platforms.kubeflow import run_executor

_MOST_CHARACTERS = 200
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# The run's folder, and below it the task's and one for each start.
_ADDRESS = re.compile(rf"(artifacts/[a-z0-9-]+/)[^/]+/(\w+)/{_ID}/")
_CODE = re.compile(r"\b[0-9a-f]{16}\b")


def comparable(invocation: dict[str, Any]) -> dict[str, Any]:
  """An invocation (ExecutorInput), ids and fingerprints of code replaced by
  names, and long texts by their hashes."""
  text = json.dumps(invocation)
  found = json.loads(_CODE.sub("CODE", _ADDRESS.sub(r"\1RUN/\2/START/", text)))
  for given in found["inputs"].get("artifacts", {}).values():
    for artifact in given["artifacts"]:
      if not re.fullmatch(r"\d+", artifact["name"]):
        raise ValueError(f"{artifact['name']} is no id of ML Metadata")
      artifact["name"] = "ID"
  return _short(found)


def hash_of(text: str) -> str:
  """Of a compiled file, whatever the code of its components."""
  return hashlib.sha256(_CODE.sub("CODE", text).encode()).hexdigest()


def record(
  version: str, compiled: str, work: pathlib.Path, pods: dict[str, dict[str, Any]]
) -> dict[str, Any]:
  """What a version of Kubeflow gave to each step of a compiled file."""
  steps = {}
  for name, patch in sorted(pods.items()):
    text = (work / "recorder" / "invocations" / f"{name}.json").read_text()
    (main,) = patch["containers"]
    command = main["command"] + main.get("args", [])
    steps[name] = {
      "executor": command[command.index("--executor_class_path") + 1],
      "invocation": comparable(json.loads(text)),
      "env": main.get("env", []),
      "resources": main.get("resources", {}),
      "volumeMounts": main.get("volumeMounts", []),
      "volumes": patch.get("volumes", []),
      "tolerations": patch.get("tolerations", []),
    }
    if run_executor.INVOCATION not in command:
      raise ValueError(f"{name}: has no {run_executor.INVOCATION}")
  return {"kubeflow": version, "file": hash_of(compiled), "steps": steps}


def _short(value: Any) -> Any:
  if isinstance(value, dict):
    return {key: _short(inside) for key, inside in value.items()}
  if isinstance(value, list):
    return [_short(inside) for inside in value]
  if isinstance(value, str) and len(value) > _MOST_CHARACTERS:
    return f"{len(value)} characters, sha256 {hashlib.sha256(value.encode()).hexdigest()[:16]}"
  return value
