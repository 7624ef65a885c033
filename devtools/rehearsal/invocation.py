"""What Kubeflow's driver and launcher give to a step, and keep of its report.

Held against what the programs of two versions did: see
`tests/pipeline/kubeflow/recorded`.
"""

import dataclasses
import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from components.shared.core import errors
from pipeline.platforms.kubeflow import run_executor

LOGS = "executor-logs"
"""An output that Kubeflow adds to every step: a file with what it printed."""


@dataclasses.dataclass(frozen=True)
class Version:
  """How versions of Kubeflow differ in this.

  Attributes:
    name: of the version.
    logs: last part of the address of `LOGS`.
    names_outputs: outputs have their keys as names.
    output_file: where a step reports; None: beside its outputs.
    store: of an artifact in the cluster's own MinIO, what the store is told.
  """

  name: str
  logs: str
  names_outputs: bool
  output_file: str | None
  store: Mapping[str, str]


def _store(endpoint: str, **more: str) -> dict[str, str]:
  return {
    "accessKeyKey": "accesskey",
    "disableSSL": "true",
    "endpoint": endpoint,
    "fromEnv": "false",
    **more,
    "region": "minio",
    "secretKeyKey": "secretkey",
    "secretName": "mlpipeline-minio-artifact",
  }


OLDEST = Version(
  "2.14.0",
  LOGS,
  False,
  "/tmp/kfp_outputs/output_metadata.json",  # noqa: S108  In the step's own pod.
  _store("minio-service.kubeflow:9000"),
)
"""The oldest one that is supported: earlier ones fill in placeholders in random
order, or refuse volumes."""
NEWEST = Version(
  "2.17.0", f"{LOGS}-0", True, None, _store("seaweedfs.kubeflow:9000", maxRetries="5")
)


def executor_input(
  given: dict[str, Any], component: dict[str, Any], base: str, version: Version = NEWEST
) -> dict[str, Any]:
  """ExecutorInput of one start of a task.

  Args:
    given: its part `inputs`.
    component: ComponentSpec.
    base: address below which the task keeps what it makes.
    version: of Kubeflow.
  """
  base = f"{base}/{uuid.uuid4()}"
  definitions = component.get("outputDefinitions", {}).get("artifacts", {})
  types = {key: definition["artifactType"] for key, definition in definitions.items()}
  types[LOGS] = {"schemaTitle": "system.Artifact"}
  outputs = {}
  for key, kind in types.items():
    artifact = {"type": kind, "uri": f"{base}/{version.logs if key == LOGS else key}"}
    if version.names_outputs:
      artifact["name"] = key
    if metadata := definitions.get(key, {}).get("metadata"):
      artifact["metadata"] = metadata
    outputs[key] = {"artifacts": [artifact]}
  report = version.output_file or run_executor.to_path(f"{base}/output_metadata.json", "/")
  return {"inputs": given, "outputs": {"artifacts": outputs, "outputFile": report}}


def published(
  name: str, outputs: dict[str, Any], report: dict[str, Any], version: Version = NEWEST
) -> dict[str, Any]:
  """What other steps get to see of a step's outputs.

  Args:
    name: of the step.
    outputs: ExecutorInput.Outputs.
    report: ExecutorOutput.
    version: of Kubeflow.

  Raises:
    UserError: ML Metadata can't keep what the step says about an artifact.
  """
  artifacts = {}
  for key, given in outputs["artifacts"].items():
    (wanted,) = given["artifacts"]
    (made,) = report.get("artifacts", {}).get(key, {}).get("artifacts", [{}])
    try:
      metadata = {
        label: _kept(value)
        for label, value in {**wanted.get("metadata", {}), **made.get("metadata", {})}.items()
      }
    except TypeError as error:
      raise errors.UserError(f"{name}: the metadata of {key} {error}") from None
    metadata["display_name"] = key
    if wanted["uri"].startswith("minio://"):
      metadata["store_session_info"] = json.dumps(
        {"Provider": "minio", "Params": dict(version.store)}, separators=(",", ":")
      )
    artifacts[key] = {
      "artifacts": [
        {
          "name": str(secrets.randbits(48)),
          "type": {"instanceSchema": ""},
          "uri": wanted["uri"],
          "metadata": metadata,
        }
      ]
    }
  return {"artifacts": artifacts, "parameterValues": report.get("parameterValues", {})}


def _kept(value: Any) -> Any:
  """A value after it was in ML Metadata."""
  if isinstance(value, bool):
    return int(value)
  if isinstance(value, list):
    return {"list": value}
  if isinstance(value, dict):
    return {"struct": value}
  if value is None:
    raise TypeError("has a null, which Kubeflow can't keep")
  return value
