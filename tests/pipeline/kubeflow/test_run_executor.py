"""The command in every container, between Kubeflow's storage and TFX."""

import json
import os

import pytest

from pipeline.platforms.kubeflow import run_executor

_TYPE = {"instanceSchema": "title: tfx.Model\ntype: object\n"}


def _arguments():
  return [
    "--executor_class_path",
    "a.b.C",
    "--json_serialized_invocation_args",
    json.dumps(
      {
        "inputs": {
          "artifacts": {"model": {"artifacts": [{"name": "1", "uri": "minio://bucket/a/model"}]}}
        },
        "outputs": {
          "artifacts": {
            "report": {"artifacts": [{"name": "2", "uri": "s3://other/b/report", "type": _TYPE}]}
          },
          "outputFile": "/tmp/out/output.json",
        },
      }
    ),
    "--json_serialized_inputs_spec_args",
    json.dumps({"artifacts": {"model": {"artifactType": _TYPE}}}),
    "--runner=FnApiRunner",
  ]


@pytest.mark.parametrize(
  "uri, path",
  [("gs://b/x", "/gcs/b/x"), ("s3://b/x/y", "/s3/b/x/y"), ("minio://b/x", "/minio/b/x")],
)
def test_addresses_are_folders_of_the_launcher(monkeypatch, uri, path):
  monkeypatch.delenv(run_executor.ROOT_VARIABLE, raising=False)
  assert run_executor.to_path(uri) == path
  assert run_executor.to_uri(path) == uri


@pytest.mark.parametrize("path", ["/mnt/volume/model", "relative", "http://x"])
def test_other_places_stay(path):
  assert run_executor.to_path(path) == path
  assert run_executor.to_uri(path) == path


def test_tfx_gets_folders_and_types(monkeypatch, tmp_path):
  monkeypatch.setenv(run_executor.ROOT_VARIABLE, str(tmp_path))
  prepared = run_executor.prepare(_arguments())
  invocation = json.loads(prepared[3])
  (model,) = invocation["inputs"]["artifacts"]["model"]["artifacts"]
  assert model["uri"] == str(tmp_path / "minio/bucket/a/model")
  assert model["type"] == _TYPE
  run_executor.make_folders(prepared)
  assert os.path.isdir(tmp_path / "s3/other/b/report")
  assert prepared[-1] == "--runner=FnApiRunner"


def test_kubeflow_gets_addresses_back(monkeypatch, tmp_path):
  monkeypatch.setenv(run_executor.ROOT_VARIABLE, str(tmp_path))
  report = tmp_path / "output.json"
  report.write_text(
    json.dumps(
      {
        "artifacts": {
          "report": {
            "artifacts": [{"uri": str(tmp_path / "s3/other/b/report"), "metadata": {"n": 1}}]
          }
        }
      }
    )
  )
  run_executor.finish(report)
  (artifact,) = json.loads(report.read_text())["artifacts"]["report"]["artifacts"]
  assert artifact == {"uri": "s3://other/b/report", "metadata": {"n": 1}}
