"""The curated schemas against TFDV's statistics of real records."""

import pathlib
from collections.abc import Callable, Iterable

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
from google.protobuf import json_format
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.types import standard_artifacts
from tfx.utils import json_utils
from tfx_bsl.coders import example_coder

from components.drift_validator import executor
from components.examples_union import distance
from components.shared.artifacts import anomalies
from components.shared.data import examples
from components.shared.data import schema as schema_lib
from components.shared.networks import handler, networks

SCHEMAS = pathlib.Path(__file__).parents[2] / "schema"
WIDTH = 8
OTHERS = ("Eyeglasses", "Wearing Hat")

Record = dict[str, object]
Change = Callable[[int, Record], None]


@pytest.fixture(scope="module")
def photo(sample_photos) -> bytes:
  return (sample_photos / "000201.jpg").read_bytes()


def _face(number: int, photo: bytes) -> Record:
  return {"image_id": f"{number:06d}.jpg".encode(), "image": photo, "domain": b"real"}


def _embedding(number: int, scale: float = 1.0) -> Record:
  record = _face(number, b"")
  del record["image"]
  rng = np.random.default_rng(number)
  return {
    **record,
    "label_Male": number % 2,
    "Eyeglasses": number % 3 // 2,
    "Wearing Hat": None,
    "embedding": rng.normal(0, scale, WIDTH).tolist(),
    "distance_from_photos": float(rng.uniform(0.8, 1.2)),
  }


def _statistics(
  records: Iterable[Record], template: str
) -> statistics_pb2.DatasetFeatureStatisticsList:
  """As StatisticsGen makes them, with the schema of all environments, though
  without Beam, which takes a second each time."""
  batch = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(
    [examples.encode(record) for record in records]
  )
  return stats_impl.generate_statistics_in_memory(
    batch, tfdv.StatsOptions(schema=_schema(template))
  )


def _schema(template: str, environment: str | None = None):
  if template == "faces":
    return schema_lib.read(SCHEMAS / "faces.pbtxt")
  return schema_lib.with_attributes(
    SCHEMAS / "embeddings.pbtxt", ("Male",), OTHERS, environment=environment, embedding_width=WIDTH
  )


def _anomalies(
  records: Iterable[Record], template: str, environment: str | None = None
) -> dict[str, str]:
  """Validates as ExampleValidator does: without an environment."""
  found = tfdv.validate_statistics(_statistics(records, template), _schema(template, environment))
  assert not found.HasField("dataset_anomaly_info")
  return {feature: info.description for feature, info in found.anomaly_info.items()}


def _changed(records: list[Record], change: Change) -> list[Record]:
  for number, record in enumerate(records):
    change(number, record)
  return records


def _set(only: int | None = None, **values) -> Change:
  def change(number: int, record: Record) -> None:
    if only in (None, number):
      record.update(values)

  return change


def _hold_out(number: int, record: Record) -> None:
  record["held_out_label_Male"] = record.pop("label_Male")


@pytest.mark.parametrize(
  "change, feature, description",
  [
    (_set(), None, ""),
    (_set(only=3, domain=b"synthetic"), "domain", "synthetic"),
    (_set(only=3, image=None), "image", "fewer examples"),
    (_set(label_Male=1), "label_Male", "not in schema"),
  ],
)
def test_faces(photo, change, feature, description):
  found = _anomalies(_changed([_face(n, photo) for n in range(20)], change), "faces")
  assert list(found) == ([feature] if feature else [])
  assert description in found.get(feature, "")


@pytest.mark.parametrize(
  "environment, change, feature, description",
  [
    (schema_lib.LABELED, _set(), None, ""),
    (schema_lib.LABELED, _set(domain=b"synthetic"), None, ""),
    (schema_lib.LABELED, _set(label_Male=None), "label_Male", "completely missing"),
    (schema_lib.LABELED, _set(only=3, label_Male=None), "label_Male", "fewer examples"),
    (schema_lib.LABELED, _set(only=3, label_Male=2), "label_Male", "large value: 2"),
    (schema_lib.LABELED, _set(only=3, label_Male=-1), "label_Male", "small value: -1"),
    (schema_lib.LABELED, _set(label_Male=0), "label_Male", "at least 2 unique values"),
    (schema_lib.LABELED, _set(held_out_label_Male=1), "held_out_label_Male", "not in schema"),
    (schema_lib.LABELED, _set(only=3, domain=b"moon"), "domain", "moon"),
    (schema_lib.LABELED, _set(Eyeglasses=3), "Eyeglasses", "large value: 3"),
    (schema_lib.LABELED, _set(Beard=1), "Beard", "not in schema"),
    (schema_lib.UNLABELED, _hold_out, None, ""),
    (schema_lib.UNLABELED, _set(), "label_Male", "not in schema"),
    (schema_lib.LABELED, _set(embedding=[1.0, 2.0]), "embedding", "shape"),
    (schema_lib.LABELED, _set(only=3, embedding=[1.0, 2.0]), "embedding", "shape"),
    (schema_lib.LABELED, _set(only=3, embedding=[float("nan")] * WIDTH), "embedding", "NaN"),
    (schema_lib.LABELED, _set(only=3, embedding=[float("inf")] * WIDTH), "embedding", "Inf"),
    (schema_lib.LABELED, _set(only=3, embedding=[2000.0] * WIDTH), "embedding", "high value"),
    (schema_lib.LABELED, _set(only=3, embedding=None), "embedding", "fewer"),
    (schema_lib.LABELED, _set(only=3, distance_from_photos=None), "distance_from_photos", "fewer"),
    (
      schema_lib.UNLABELED,
      _set(label_Male=None, distance_from_photos=None),
      "distance_from_photos",
      "completely missing",
    ),
    (
      schema_lib.LABELED,
      _set(only=3, distance_from_photos=[0.1, 0.2]),
      "distance_from_photos",
      "shape",
    ),
    (
      schema_lib.LABELED,
      _set(only=3, distance_from_photos=1001.0),
      "distance_from_photos",
      "high value",
    ),
    (
      schema_lib.LABELED,
      _set(only=3, distance_from_photos=float("nan")),
      "distance_from_photos",
      "NaN",
    ),
  ],
)
def test_embeddings(environment, change, feature, description):
  records = _changed([_embedding(n) for n in range(20)], change)
  found = _anomalies(records, "embeddings", environment)
  assert list(found) == ([feature] if feature else [])
  assert description in found.get(feature, "")


def test_an_environment_that_is_not_there():
  with pytest.raises(ValueError, match="no environment NIGHT"):
    _schema("embeddings", "NIGHT")


def _drift(
  folder: pathlib.Path,
  bounds: str,
  synthetic: list[Record],
  real: list[Record],
  as_json: bool = False,
) -> list[anomalies.Anomaly]:
  """Runs DriftValidator on both and reads what it wrote.

  Args:
    folder: for its files.
    bounds: name of the file with them.
    synthetic: faces that are held against the real ones.
    real: their photos.
    as_json: the configuration comes as it does on Kubeflow.
  """
  statistics = standard_artifacts.ExampleStatistics()
  statistics.uri = str(folder / "statistics")
  examples.set_splits(statistics, ("synthetic_train", "real"))
  for split, records in (("synthetic_train", synthetic), ("real", real)):
    path = pathlib.Path(examples.split_folder(statistics.uri, split))
    path.mkdir(parents=True)
    (path / "FeatureStats.pb").write_bytes(_statistics(records, "embeddings").SerializeToString())
  output = standard_artifacts.ExampleAnomalies()
  output.uri = str(folder / "anomalies")
  config = schema_lib.drift_config(SCHEMAS / bounds, ("Male",))
  executor.Executor().Do(
    {"statistics": [statistics]},
    {"anomalies": [output]},
    {
      "distribution_validator_config": (json_format.MessageToJson(config) if as_json else config),
      "include_split_pairs": json_utils.dumps([("synthetic_train", "real")]),
    },
  )
  return anomalies.read(output.uri)


def test_bounds_hold_on_kubeflow_as_well(tmp_path):
  synthetic = [_embedding(n, 0.2) for n in range(100, 300)]
  real = [_embedding(n) for n in range(100)]
  assert _drift(tmp_path, "embedding_drift.pbtxt", synthetic, real, as_json=True)


@pytest.mark.parametrize("scale, drifted", [(1.0, False), (0.75, False), (0.2, True), (20.0, True)])
def test_embedding_drift(tmp_path, scale, drifted):
  synthetic = [_embedding(n, scale) for n in range(100, 300)]
  real = [_embedding(n) for n in range(100)]
  found = _drift(tmp_path, "embedding_drift.pbtxt", synthetic, real)
  assert [a.feature for a in found] == ["embedding"] * drifted
  for anomaly in found:
    assert anomaly.split == "synthetic_train_real"
    assert "Jensen-Shannon" in anomaly.description


@pytest.fixture(scope="module")
def network(first_run) -> Callable[[list[bytes]], np.ndarray]:
  """The run's: photos to embeddings [n, d]."""
  batch_size = 32
  face_handler = handler.FaceModelHandler(
    str(first_run.artifact("EmbeddingEngine", "engine")),
    str(first_run.artifact("EmbeddingNetwork", "network")),
    input_size=networks.FACENET.input_size,
    batch_size=batch_size,
  )
  engine = face_handler.load_model()
  return lambda photos: np.concatenate(
    [
      face_handler.run_inference(photos[first : first + batch_size], engine)
      for first in range(0, len(photos), batch_size)
    ]
  )


def test_drift_of_faces(tmp_path, sample_photos, network):
  """Other faces pass; noise and one face over and over do not."""

  def photos(first: int, last: int) -> list[bytes]:
    return [(sample_photos / f"{n:06d}.jpg").read_bytes() for n in range(first, last)]

  real, others = network(photos(201, 301)), network(photos(101, 161))
  total = distance.sums(real)

  def records(embeddings: np.ndarray, included: bool = False) -> list[Record]:
    return [
      {"embedding": e.tolist(), "distance_from_photos": distance.distance(e, total, included)}
      for e in embeddings
    ]

  def drifted(name: str, embeddings: np.ndarray) -> list[str]:
    return [
      a.feature
      for a in _drift(
        tmp_path / name, "embedding_drift.pbtxt", records(embeddings), records(real, included=True)
      )
    ]

  assert not drifted("others", others)
  for number in (0, 1):
    one_face = np.tile(others[number], (60, 1))
    assert drifted(f"one-face-{number}", one_face) == ["distance_from_photos"]
  pixels = np.random.default_rng(0).integers(0, 256, (60, 64, 64, 3), np.uint8)
  noise = network([tf.io.encode_jpeg(p).numpy() for p in pixels])
  assert "distance_from_photos" in drifted("noise", noise)


@pytest.mark.parametrize(
  "ones_of_ten, drifted", [(5, False), (2, False), (8, False), (0, True), (10, True)]
)
def test_label_drift(tmp_path, ones_of_ten, drifted):
  real = [{**_embedding(n), "label_Male": int(n % 10 < ones_of_ten)} for n in range(100)]
  synthetic = [_embedding(n) for n in range(100)]
  found = _drift(tmp_path, "label_drift.pbtxt", synthetic, real)
  assert [a.feature for a in found] == ["label_Male"] * drifted


def test_every_attribute_has_labels_of_its_own():
  schema = schema_lib.with_attributes(
    SCHEMAS / "embeddings.pbtxt",
    ("Male", "Young"),
    environment=schema_lib.LABELED,
    embedding_width=WIDTH,
  )
  labels = {f.name: f for f in schema.feature if f.name.startswith("label")}
  assert set(labels) == {"label_Male", "label_Young"}
  assert all(label.presence.min_fraction == 1 for label in labels.values())
  bounds = schema_lib.drift_config(SCHEMAS / "label_drift.pbtxt", ("Male", "Young"))
  assert [list(bound.path.step) for bound in bounds.default_slice_config.feature] == [
    ["label_Male"],
    ["label_Young"],
  ]


def test_faces_made_for_one_of_several_attributes_lack_the_others():
  def required(partly_labeled):
    schema = schema_lib.with_attributes(
      SCHEMAS / "embeddings.pbtxt",
      ("Male", "Young"),
      embedding_width=WIDTH,
      partly_labeled=partly_labeled,
      environment=schema_lib.LABELED,
    )
    return {f.name for f in schema.feature if f.presence.min_fraction == 1}

  assert required(False) - required(True) == {"label_Male", "label_Young"}
