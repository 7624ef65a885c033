"""The command in every container, between Kubeflow's storage and TFX."""

import json
import os

import pytest

from pipeline.platforms.kubeflow import run_executor, tokens

_TYPE = {"instanceSchema": "title: tfx.Model\ntype: object\n"}


def _arguments():
  return [
    "--executor_class_path",
    "a.b.C",
    "--json_serialized_invocation_args",
    json.dumps(
      {
        "inputs": {
          "artifacts": {
            "model": {
              "artifacts": [
                {"name": "1", "uri": "minio://bucket/a/model", "type": {"instanceSchema": ""}}
              ]
            }
          },
          "parameterValues": {
            "attribute": 'Wearing "Hat"',
            "seed": 7.0,
            "settings": '{"attribute":"@\\"attribute\\"@","seed":@"seed"@}',
          },
        },
        "outputs": {
          "artifacts": {
            "report": {"artifacts": [{"name": "2", "uri": "s3://other/b/report", "type": _TYPE}]},
            "executor-logs": {
              "artifacts": [
                {
                  "name": "executor-logs",
                  "type": {"schemaTitle": "system.Artifact"},
                  "uri": "s3://other/b/executor-logs-0",
                }
              ]
            },
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
  assert json.loads(invocation["inputs"]["parameterValues"]["settings"]) == {
    "attribute": 'Wearing "Hat"',
    "seed": 7,
  }
  logs = tmp_path / "s3/other/b/executor-logs-0"
  logs.parent.mkdir(parents=True)
  logs.touch()  # Kubeflow makes this file before the step starts.
  run_executor.make_folders(prepared)
  assert list(invocation["outputs"]["artifacts"]) == ["report"]
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


def test_a_parameter_that_is_missing_is_said(capsys):
  arguments = _arguments()
  invocation = json.loads(arguments[3])
  del invocation["inputs"]["parameterValues"]["seed"]
  arguments[3] = json.dumps(invocation)
  with pytest.raises(SystemExit) as ended:
    run_executor.main(arguments)
  assert ended.value.code == 2
  assert "not given the run's parameter seed" in capsys.readouterr().err


@pytest.mark.parametrize("value", ['Wearing "Hat"', "back\\slash", "Größe", 'a\\"b'])
def test_values_are_escaped_as_often_as_their_place_needs(value):
  token = tokens.of("attribute")
  nested = json.dumps({"inside": json.dumps({"deep": json.dumps([token])})})
  filled = tokens.fill({"attribute": value, "plain": token, "nested": nested})
  assert filled["plain"] == value
  deep = json.loads(json.loads(json.loads(filled["nested"])["inside"])["deep"])
  assert deep == [value]
