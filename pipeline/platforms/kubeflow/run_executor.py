"""The command of every step's container: TFX's own, between two storages.

Kubeflow's launcher copies a step's inputs out of the object store into folders
named after their addresses, and its outputs back from such folders: /gcs, /s3
and /minio stand for gs://, s3:// and minio://. TFX's command takes addresses at
their word, and TensorFlow can open gs:// only, with credentials of its own. So
addresses become those folders before TFX sees them, and addresses again in what
TFX reports. Values of the run's parameters are filled in here, too.
"""

import importlib
import json
import os
import pathlib
import re
import sys
from collections.abc import Callable
from typing import Any

from components.shared.core import errors
from pipeline.platforms.kubeflow import tokens

ROOT_VARIABLE = "ARTIFACTS_ROOT"
"""Where the launcher's folders are; on a cluster at the top."""

TFX_COMMAND = "tfx.orchestration.kubeflow.v2.container.kubeflow_v2_run_executor"
COMMAND = ("python", "-m", "pipeline.platforms.kubeflow.run_executor")
"""What a step's container runs; the arguments are TFX's own."""

_FOLDERS = {"gs": "gcs", "s3": "s3", "minio": "minio"}
INVOCATION = "--json_serialized_invocation_args"
INPUTS_SPEC = "--json_serialized_inputs_spec_args"


def to_path(uri: str, root: str | None = None) -> str:
  """The folder that stands for an address; anything else stays as it is.

  Args:
    uri: of an artifact.
    root: where the launcher's folders are; None: as the environment says.
  """
  scheme, found, rest = uri.partition("://")
  if not found or scheme not in _FOLDERS:
    return uri
  root = root or os.environ.get(ROOT_VARIABLE, "/")
  return os.path.join(root, _FOLDERS[scheme], rest)


def to_uri(path: str) -> str:
  """The inverse of `to_path`."""
  root = os.environ.get(ROOT_VARIABLE, "/")
  for scheme, folder in _FOLDERS.items():
    prefix = os.path.join(root, folder) + "/"
    if path.startswith(prefix):
      return f"{scheme}://{path[len(prefix) :]}"
  return path


def prepare(arguments: list[str]) -> list[str]:
  """TFX's arguments with folders for addresses, and values for tokens.

  Inputs get the types that the component declares: Kubeflow leaves them empty,
  and TFX can't do without. Outputs that Kubeflow adds for itself are left out:
  `executor-logs` is a file that is there already, of a type that is not TFX's.

  Raises:
    UserError: the step is not given a parameter that its settings need.
  """
  arguments = list(arguments)
  place = arguments.index(INVOCATION) + 1
  invocation = json.loads(arguments[place])
  declared = json.loads(arguments[arguments.index(INPUTS_SPEC) + 1]).get("artifacts", {})
  inputs = invocation.get("inputs", {}).get("artifacts", {})
  for name, given in inputs.items():
    for artifact in given.get("artifacts", ()):
      if name in declared:
        artifact["type"] = declared[name]["artifactType"]
  _change_uris(inputs, to_path)
  outputs = invocation["outputs"]
  outputs["artifacts"] = {
    name: given
    for name, given in outputs.get("artifacts", {}).items()
    if all(a.get("type", {}).get("instanceSchema") for a in given.get("artifacts", ()))
  }
  _change_uris(outputs["artifacts"], to_path)
  if "parameterValues" in invocation.get("inputs", {}):
    invocation["inputs"]["parameterValues"] = tokens.fill(invocation["inputs"]["parameterValues"])
  arguments[place] = json.dumps(invocation)
  return arguments


def make_folders(arguments: list[str]) -> None:
  """Makes the outputs' folders, which TFX's other orchestrators make as well;
  Kubeflow's launcher makes those above them only."""
  invocation = json.loads(arguments[arguments.index(INVOCATION) + 1])
  for given in invocation["outputs"]["artifacts"].values():
    for artifact in given.get("artifacts", ()):
      if "://" not in artifact["uri"]:
        os.makedirs(artifact["uri"], exist_ok=True)


def output_file(arguments: list[str]) -> pathlib.Path:
  """Where TFX reports what it made."""
  invocation = json.loads(arguments[arguments.index(INVOCATION) + 1])
  return pathlib.Path(invocation["outputs"]["outputFile"])


def finish(report: pathlib.Path) -> None:
  """Gives the artifacts in TFX's report their addresses back."""
  found = json.loads(report.read_text(encoding="utf-8"))
  _change_uris(found.get("artifacts", {}), to_uri)
  report.write_text(json.dumps(found), encoding="utf-8")


def _change_uris(artifacts: Any, change: Callable[[str], str]) -> None:
  for given in artifacts.values():
    for artifact in given.get("artifacts", ()):
      if "uri" in artifact:
        artifact["uri"] = change(artifact["uri"])


def main(arguments: list[str]) -> None:
  """Runs one executor; a person's mistakes end in one line and status 2."""
  try:
    prepared = prepare(arguments)
    make_folders(prepared)
    tfx_command = importlib.import_module(TFX_COMMAND)  # It takes seconds.
    tfx_command.main(tfx_command._parse_flags(["", *prepared]))  # pylint: disable=protected-access
  except Exception as error:
    known = errors.find_user_error(error)
    if known is None:
      raise
    print(f"error: {re.sub(r'[^!-~]+', ' ', str(known))}", file=sys.stderr)
    sys.exit(2)
  finish(output_file(prepared))


if __name__ == "__main__":
  main(sys.argv[1:])
