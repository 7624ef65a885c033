"""Faces as they are written, and through TFX."""

import io
import pathlib

import numpy as np
import pytest
from PIL import Image
from tfx import v1 as tfx
from tfx.dsl.components.base import base_beam_executor
from tfx.types import channel, standard_artifacts

from components.latent_codes import encoding
from components.shared.artifacts import directions_files
from components.shared.artifacts import types as artifacts
from components.shared.data import embeddings, examples
from components.shared.data import folds as folds_lib
from components.shared.generators import generator
from components.shared.learning import directions, latents
from components.synthetic_face_gen import component, executor
from components.synthetic_face_gen import settings as settings_lib
from tests import beam_options
from tests.components.synthetic_face_gen import found_directions


@pytest.fixture(scope="module")
def directions_uri(tmp_path_factory, bright_faces_uri, bright_embeddings_uri, model_uri) -> str:
  """By class means: being bright is the attribute."""
  folder = tmp_path_factory.mktemp("directions")
  codes, image_ids = encoding.encode(bright_faces_uri, generator.Generator(model_uri))
  labeled = embeddings.read(bright_embeddings_uri, examples.LABELED)
  labels = labeled.annotation(examples.label("Male"))
  folds = folds_lib.assign(labeled.image_ids(), labels[:, np.newaxis])
  found = {
    "Male": latents.unlabeled(codes, image_ids).relabeled(
      dict(zip(labeled.image_ids(), labels, strict=True)),
      dict(zip(labeled.image_ids(), folds, strict=True)),
    )
  }
  latents.write(found, str(folder / directions_files.LATENTS))
  directions.write(
    {"Male": found_directions.by_fold(found["Male"])}, str(folder / directions_files.DIRECTIONS)
  )
  return str(folder)


def _run(
  directions_uri: str,
  model_uri: str,
  root: pathlib.Path,
  beam_args=beam_options.ONE_WORKER,
  **settings,
) -> pathlib.Path:
  made = component.SyntheticFaceGen(
    model=channel.Channel(type=standard_artifacts.Model),
    directions=channel.Channel(type=artifacts.Directions),
    settings=settings_lib.SyntheticSettings(**{"train_faces": 150, "eval_faces": 20, **settings}),
  )
  outputs = {}
  for name, output in made.outputs.items():
    outputs[name] = output.type()
    outputs[name].uri = str(root / name)
    (root / name).mkdir(parents=True)
  found, model = artifacts.Directions(), standard_artifacts.Model()
  found.uri, model.uri = directions_uri, model_uri
  context = base_beam_executor.BaseBeamExecutor.Context(
    beam_pipeline_args=list(beam_args), tmp_dir=str(root / "tmp"), unique_id="1"
  )
  executor.Executor(context).Do(
    {"directions": [found], "model": [model]},
    {name: [artifact] for name, artifact in outputs.items()},
    made.exec_properties,
  )
  assert outputs["examples"].split_names == ('["synthetic_train", "synthetic_eval"]')
  return root


def _read(root: pathlib.Path, split: str):
  return [
    examples.decode(record.numpy()) for record in examples.dataset(str(root / "examples"), split)
  ]


@pytest.fixture(scope="module")
def made(tmp_path_factory, directions_uri, model_uri) -> pathlib.Path:
  return _run(directions_uri, model_uri, tmp_path_factory.mktemp("made"))


def test_counts_names_and_balance(made):
  for split, count in (("synthetic_train", 150), ("synthetic_eval", 20)):
    found = _read(made, split)
    prefix = split.replace("_", "-")
    assert sorted(f["image_id"] for f in found) == [
      f"{prefix}-{i:08d}.jpg".encode() for i in range(count)
    ]
    assert sum(f["label_Male"] for f in found) == count // 2
    assert {f["domain"] for f in found} == {examples.SYNTHETIC}


def test_faces_with_label_1_have_the_attribute(made):
  """In the fixture's photos the attribute is being bright."""
  brightness = {0: [], 1: []}
  for features in _read(made, "synthetic_train"):
    with Image.open(io.BytesIO(features["image"])) as image:
      assert image.format == "JPEG" and image.size == (16, 16)
      brightness[features["label_Male"]].append(np.asarray(image).mean())
  assert np.mean(brightness[1]) > np.mean(brightness[0]) + 40


def test_pictures_are_written(made):
  for name in ("Male contact sheet.png", "Male interpolation.png"):
    with Image.open(made / "pictures" / name) as image:
      assert min(image.size) > 50


@pytest.mark.parametrize("kind", ["class_means", "encoded", "prior"])
def test_the_same_bytes_for_any_number_of_workers(directions_uri, model_uri, tmp_path, kind):
  one, four = (
    _run(directions_uri, model_uri, tmp_path / name, options, codes=kind)
    for name, options in (("1", beam_options.ONE_WORKER), ("4", beam_options.threads(4)))
  )
  for split in examples.SYNTHETIC_SPLITS:
    files = [
      [pathlib.Path(f).read_bytes() for f in examples.split_files(str(root / "examples"), split)]
      for root in (one, four)
    ]
    assert files[0] == files[1] and files[0]


def test_without_an_encoder(decoder_uri, directions_uri, tmp_path):
  """Codes are drawn, and the strips are of drawn faces."""
  folder = tmp_path / "directions"
  folder.mkdir()
  found = latents.Latents(
    np.zeros([0, 4], np.float32), np.zeros(0, np.int8), np.zeros(0, np.int64), np.zeros(0, "S1")
  )
  latents.write({"Male": found}, str(folder / directions_files.LATENTS))
  directions.write(
    directions.read(str(pathlib.Path(directions_uri, directions_files.DIRECTIONS))),
    str(folder / directions_files.DIRECTIONS),
  )
  root = _run(str(folder), decoder_uri, tmp_path / "made", codes="prior")
  assert len(_read(root, "synthetic_train")) == 150
  with Image.open(root / "pictures" / "Male interpolation.png") as image:
    assert min(image.size) > 50


def test_through_tfx_and_from_the_cache(run_components, directions_uri, model_uri):
  def made():
    found = tfx.dsl.Importer(source_uri=directions_uri, artifact_type=artifacts.Directions).with_id(
      "directions"
    )
    model = tfx.dsl.Importer(source_uri=model_uri, artifact_type=standard_artifacts.Model).with_id(
      "model"
    )
    synthetic = component.SyntheticFaceGen(
      model=model.outputs["result"],
      directions=found.outputs["result"],
      settings=settings_lib.SyntheticSettings(train_faces=8, eval_faces=4),
    )
    return run_components([found, model, synthetic])["SyntheticFaceGen"]

  first, again = made(), made()
  assert not first.cached and again.cached
  uri = first.outputs["examples"][0]
  assert len(list(examples.dataset(uri, "synthetic_train"))) == 8
