"""What is pushed was loaded and asked before, as a server would."""

import dataclasses
import json
import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics
from tfx.types import channel, standard_artifacts

from components.serving_gate import component, executor, trial
from components.serving_gate.settings import ServingSettings
from components.shared.artifacts import serving_files
from components.shared.data import examples
from components.shared.learning import arrays, monitoring
from components.shared.networks import saved_model
from devtools.bench import pushing
from tests.pipeline.prediction import conftest as prediction

network_uri = prediction.network_uri
_PHOTOS = 24


@dataclasses.dataclass(frozen=True)
class Case:
  """A model, and what it was validated on."""

  model: pathlib.Path
  faces: str
  embeddings: str
  validated: trial.Validated

  def run(self, **changes) -> trial.Trial:
    """The trial, with other settings."""
    return trial.run(
      str(self.model), self.faces, self.embeddings, self.validated, ServingSettings(**changes)
    )


def _write(uri: pathlib.Path, rows: list[dict], leave_out: str, splits=examples.REAL_SPLITS) -> str:
  files: dict[str, list] = {}
  for place, split in enumerate(splits):
    files.setdefault(split, []).extend(rows[place :: len(splits)])
  for split, mine in files.items():
    with examples.open_shard(examples.shard_path(str(uri), split, 0, 1)) as writer:
      for row in mine:
        writer.write(examples.encode({k: v for k, v in row.items() if k != leave_out}))
  return str(uri)


@pytest.fixture(scope="module")
def case(tmp_path_factory, network_uri, sample_photos) -> Case:
  """72 photos, and a classifier that was not trained."""
  root = tmp_path_factory.mktemp("case")
  files = sorted(sample_photos.iterdir())[: 3 * _PHOTOS]
  images = [file.read_bytes() for file in files]
  network = tf.saved_model.load(saved_model.folder(network_uri))
  embeddings = network.signatures["embed_jpeg"](image=tf.constant(images))["embedding"].numpy()
  bright = (embeddings.mean(axis=1) > np.median(embeddings.mean(axis=1))).astype(int)
  rows = [
    {
      examples.IMAGE_ID: file.name.encode(),
      examples.IMAGE: image,
      examples.EMBEDDING: embedding.tolist(),
      examples.label("Bright"): int(label),
    }
    for file, image, embedding, label in zip(files, images, embeddings, bright, strict=True)
  ]
  pushing.push(root / "model", network_uri, embeddings, ["Bright"])
  found = arrays.read(root / "model").probabilities(embeddings[::3])["Bright"]
  validated = {
    trial.ACCURACY: float(((found >= 0.5) == bright[::3]).mean()),
    trial.AUC: float(metrics.roc_auc_score(bright[::3], found)),
  }
  return Case(
    root / "model",
    _write(
      root / "faces",
      rows,
      examples.EMBEDDING,
      (examples.RESERVED, examples.TRAINING, examples.TRAINING),
    ),
    _write(root / "embeddings", rows, examples.IMAGE),
    {"Bright": validated},
  )


def test_what_was_validated_is_what_is_served(case, tmp_path):
  found = case.run()
  assert found.problems == []
  assert found.measured["photos"] == _PHOTOS
  assert 0 < found.measured["seconds_1"] < found.measured["seconds_32"] < 60
  assert found.measured["attributes"]["Bright"]["difference"] < 1e-4
  (tmp_path / arrays.FOLDER).mkdir()
  (tmp_path / arrays.FOLDER / monitoring.FILE).write_bytes(found.baseline)
  baseline = monitoring.read(tmp_path)
  by_name = dict(zip(baseline.features, baseline.counts[0].sum(axis=1), strict=True))
  assert by_name["brightness"] == by_name["projection_0"] == 3 * _PHOTOS
  # What the model learned from says nothing about its probabilities in use.
  assert by_name["probability_Bright"] == by_name["label_Bright"] == _PHOTOS


@pytest.mark.parametrize(
  "changes, said",
  [
    ({"max_seconds_1": 1e-9}, "serving.max_seconds_1"),
    ({"max_memory_mebibytes": 1}, "serving.max_memory_mebibytes"),
  ],
)
def test_bounds(case, changes, said):
  found = case.run(**changes)
  assert len(found.problems) == 1 and said in found.problems[0] and found.baseline is None


def test_other_numbers_than_were_validated(case):
  wrong = {name: value - 0.1 for name, value in case.validated["Bright"].items()}
  found = dataclasses.replace(case, validated={"Bright": wrong}).run()
  assert [problem.partition(" is ")[0] for problem in found.problems] == [
    "Bright: accuracy",
    "Bright: auc",
  ]


def test_photos_that_embed_otherwise_when_served(case, tmp_path):
  """The face network within the model is not the one that embedded them."""
  shutil.copytree(case.embeddings, tmp_path / "embeddings")
  path = examples.shard_path(str(tmp_path / "embeddings"), examples.HAND_LABELED, 0, 1)
  rows = [
    examples.decode(record)
    for record in examples.dataset(case.embeddings, examples.HAND_LABELED).as_numpy_iterator()
  ]
  pathlib.Path(path).unlink()
  with examples.open_shard(path) as writer:
    for row, other in zip(rows, reversed(rows), strict=True):
      writer.write(examples.encode({**row, examples.EMBEDDING: other[examples.EMBEDDING]}))
  found = dataclasses.replace(case, embeddings=str(tmp_path / "embeddings")).run(max_difference=0)
  assert any("serving.max_difference" in problem for problem in found.problems)


def test_a_model_that_can_not_be_loaded(case, tmp_path):
  shutil.copytree(case.model, tmp_path / "model")
  (tmp_path / "model" / "saved_model.pb").write_bytes(b"damaged")
  (problem,) = dataclasses.replace(case, model=tmp_path / "model").run().problems
  assert problem.startswith("the exported model can't be served: ")


def test_a_model_that_was_not_blessed_is_not_tried(case, tmp_path):
  gate = component.ServingGate(
    model=channel.Channel(type=standard_artifacts.Model),
    blessing=channel.Channel(type=standard_artifacts.ModelBlessing),
    evaluation=channel.Channel(type=standard_artifacts.ModelEvaluation),
    faces=channel.Channel(type=standard_artifacts.Examples),
    embeddings=channel.Channel(type=standard_artifacts.Examples),
    settings=ServingSettings(),
  )
  evaluated, result = standard_artifacts.ModelBlessing(), standard_artifacts.InfraBlessing()
  evaluated.set_int_custom_property("blessed", 0)
  result.uri = str(tmp_path)
  executor.Executor().Do(
    {"blessing": [evaluated]}, {"infra_blessing": [result]}, gate.exec_properties
  )
  assert result.get_int_custom_property("blessed") == 0
  assert "did not bless" in serving_files.read(str(tmp_path))["problems"][0]
  assert json.loads((tmp_path / serving_files.MEASURED).read_text())["problems"]
  assert (tmp_path / "INFRA_NOT_BLESSED").exists()
