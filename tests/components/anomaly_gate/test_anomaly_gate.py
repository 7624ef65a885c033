import json
import pathlib

import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.types import standard_artifacts

from components.anomaly_gate import executor
from components.shared.artifacts import anomalies
from components.shared.artifacts import types as artifacts
from components.shared.core import errors

VALIDATORS = {
  "anomalies": "LabeledFaceValidator",
  "unlabeled_anomalies": "UnlabeledFaceValidator",
  "drift_anomalies": "EmbeddingDriftValidator",
}


def _write(folder: pathlib.Path, split: str, **found: str) -> str:
  """Anomalies as ExampleValidator writes them: feature -> description."""
  proto = anomalies_pb2.Anomalies()
  for feature, description in found.items():
    info = proto.anomaly_info[feature]
    info.path.step.append(feature)
    info.short_description = "Bad"
    info.reason.add(short_description="Bad", description=description)
  return _save(folder, f"Split-{split}", proto)


def _save(folder: pathlib.Path, name: str, proto: anomalies_pb2.Anomalies) -> str:
  (folder / name).mkdir(parents=True)
  (folder / name / "SchemaDiff.pb").write_bytes(proto.SerializeToString())
  return str(folder)


def _run(tmp_path: pathlib.Path, **inputs: str) -> pathlib.Path:
  def artifact(uri):
    made = standard_artifacts.ExampleAnomalies()
    made.uri = uri
    return made

  result = artifacts.GateResult()
  result.uri = str(tmp_path / "result")
  executor.Executor().Do(
    {key: [artifact(uri)] for key, uri in inputs.items()},
    {"result": [result]},
    {"code": "", "validators": json.dumps(VALIDATORS)},
  )
  return tmp_path / "result" / "passed.txt"


def test_lets_through_what_has_no_anomalies(tmp_path):
  one = _write(tmp_path / "one", "labeled")
  _write(tmp_path / "one", "hand_labeled")
  two = _write(tmp_path / "two", "unlabeled")
  passed = _run(tmp_path, anomalies=one, unlabeled_anomalies=two)
  assert passed.read_text() == (
    "no anomalies in Split-hand_labeled, Split-labeled, Split-unlabeled\n"
  )


def test_names_validators_splits_features_and_descriptions(tmp_path):
  one = _write(tmp_path / "one", "labeled", label="Only one\nvalue.")
  two = _write(tmp_path / "two", "unlabeled", Hat="New column.")
  with pytest.raises(errors.UserError) as caught:
    _run(tmp_path, anomalies=one, unlabeled_anomalies=two)
  message = str(caught.value)
  assert "2 anomalies" in message and "\n" not in message
  assert "LabeledFaceValidator, split `labeled`, label: Bad (Only one value.)" in message
  assert "UnlabeledFaceValidator, split `unlabeled`, Hat: Bad (New column.)" in message
  assert message.endswith(". Fix the data, or change schema/ if the schema is wrong")
  assert not (tmp_path / "result").exists()


def test_drift_has_a_way_out_of_its_own(tmp_path):
  one = _write(tmp_path / "one", "labeled")
  drift = _write(tmp_path / "drift", "one_other", distance_from_photos="Far off.")
  with pytest.raises(errors.UserError) as caught:
    _run(tmp_path, anomalies=one, drift_anomalies=drift)
  assert str(caught.value).startswith(
    "the data are not as the schema says (1 anomalies): "
    "EmbeddingDriftValidator, split `one_other`, distance_from_photos: Bad (Far off.). "
    "Synthetic faces are too unlike the photos: "
  )


def test_reads_pairs_of_splits_and_whole_datasets(tmp_path):
  proto = anomalies_pb2.Anomalies()
  proto.dataset_anomaly_info.reason.add(short_description="Few", description="Too few examples.")
  uri = _save(tmp_path, "SplitPair-synthetic_train_unlabeled", proto)
  assert anomalies.read(uri) == [
    anomalies.Anomaly("synthetic_train_unlabeled", "the whole dataset", "Few (Too few examples.)")
  ]


def test_no_validation_is_no_pass(tmp_path):
  (tmp_path / "empty").mkdir()
  with pytest.raises(ValueError, match="nothing was validated"):
    _run(tmp_path, anomalies=str(tmp_path / "empty"))
