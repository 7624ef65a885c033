"""Faces as they are written, and through TFX."""

import io
import pathlib

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf
from tfx import v1 as tfx
from tfx.dsl.components.base import base_beam_executor
from tfx.types import channel
from tfx.types import standard_artifacts

from components import errors
from components import examples
from components.synthetic_face_gen import component
from components.synthetic_face_gen import directions
from components.synthetic_face_gen import executor
from components.synthetic_face_gen import generator
from components.synthetic_face_gen import latents
from components.synthetic_face_gen import settings as settings_lib
from tests import beam_options


def _run(faces_uri: str, model_uri: str, root: pathlib.Path,
         beam_args=beam_options.ONE_WORKER, **settings) -> pathlib.Path:
  made = component.SyntheticFaceGen(
      examples=channel.Channel(type=standard_artifacts.Examples),
      model=channel.Channel(type=standard_artifacts.Model),
      settings=settings_lib.SyntheticSettings(
          **{"train_faces": 150, "eval_faces": 20, **settings}),
      attribute="Male")
  outputs = {}
  for name, output in made.outputs.items():
    outputs[name] = output.type()
    outputs[name].uri = str(root / name)
    (root / name).mkdir(parents=True)
  faces, model = standard_artifacts.Examples(), standard_artifacts.Model()
  faces.uri, model.uri = faces_uri, model_uri
  context = base_beam_executor.BaseBeamExecutor.Context(
      beam_pipeline_args=list(beam_args), tmp_dir=str(root / "tmp"),
      unique_id="1")
  executor.Executor(context).Do(
      {"photos": [faces], "model": [model]},
      {name: [artifact] for name, artifact in outputs.items()},
      made.exec_properties)
  assert outputs["examples"].split_names == (
      '["synthetic_train", "synthetic_eval"]')
  return root


def _read(root: pathlib.Path, split: str):
  return [examples.decode(record.numpy())
          for record in examples.dataset(str(root / "examples"), split)]


@pytest.fixture(scope="module")
def made(tmp_path_factory, faces_uri, model_uri) -> pathlib.Path:
  return _run(faces_uri, model_uri, tmp_path_factory.mktemp("made"))


def test_counts_names_and_balance(made):
  for split, count in (("synthetic_train", 150), ("synthetic_eval", 20)):
    found = _read(made, split)
    prefix = split.replace("_", "-")
    assert sorted(f["image_id"] for f in found) == [
        f"{prefix}-{i:08d}.jpg".encode() for i in range(count)]
    assert sum(f["label"] for f in found) == count // 2
    assert {f["domain"] for f in found} == {examples.SYNTHETIC}


def test_faces_with_label_1_have_the_attribute(made):
  """In the fixture's photos the attribute is being bright."""
  brightness = {0: [], 1: []}
  for features in _read(made, "synthetic_train"):
    with Image.open(io.BytesIO(features["image"])) as image:
      assert image.format == "JPEG" and image.size == (16, 16)
      brightness[features["label"]].append(np.asarray(image).mean())
  assert np.mean(brightness[1]) > np.mean(brightness[0]) + 40


def test_direction_and_codes_are_written(made):
  found = directions.read(str(made / "directions" / executor.DIRECTIONS))
  assert found.attribute == "Male"
  assert found.separation_auc > 0.9
  assert (found.positives, found.negatives) == (15, 15)


def test_pictures_are_written(made):
  for name in ("contact_sheet.png", "interpolation.png"):
    with Image.open(made / "pictures" / name) as image:
      assert min(image.size) > 50


@pytest.mark.parametrize("kind", ["class_means", "encoded", "prior"])
def test_the_same_bytes_for_any_number_of_workers(
    faces_uri, model_uri, tmp_path, kind):
  one = _run(faces_uri, model_uri, tmp_path / "1", beam_options.ONE_WORKER, codes=kind)
  four = _run(faces_uri, model_uri, tmp_path / "4", beam_options.threads(4), codes=kind)
  for split in examples.SYNTHETIC_SPLITS:
    files = [[pathlib.Path(f).read_bytes() for f in examples.split_files(
        str(root / "examples"), split)] for root in (one, four)]
    assert files[0] == files[1] and files[0]


def test_pool_uses_held_out_labels_and_labeled_does_not(faces_uri, model_uri):
  loaded = generator.Generator(model_uri)
  few, pool = (latents.encode(faces_uri, loaded, which)
               for which in ("labeled", "pool"))
  assert len(few.codes) == len(pool.codes) == 70
  assert (few.labels != latents.UNKNOWN).sum() == 30
  assert (pool.labels != latents.UNKNOWN).sum() == 70


def test_latents_file(tmp_path):
  one = latents.Latents(codes=np.ones([3, 2], np.float32),
                        labels=np.array([0, 1, -1], np.int8),
                        folds=np.array([1, 0, -1]))
  latents.write(one, str(tmp_path / "latents.npz"))
  read = latents.read(str(tmp_path / "latents.npz"))
  np.testing.assert_array_equal(read.codes, one.codes)
  np.testing.assert_array_equal(read.labels, one.labels)
  np.testing.assert_array_equal(read.folds, one.folds)


def test_a_generator_without_encoder_is_refused(arithmetic, tmp_path):
  tf.saved_model.save(
      arithmetic, str(tmp_path / "Format-Serving"),
      signatures={"decode": arithmetic.decode})
  with pytest.raises(errors.UserError, match="no signature `encode`"):
    generator.Generator(str(tmp_path))


def test_a_model_of_another_kind_is_refused(tmp_path):
  module = tf.Module()
  module.f = tf.function(lambda x: {"y": x}, input_signature=[
      tf.TensorSpec([None, 3], tf.float32, name="x")])
  tf.saved_model.save(
      module, str(tmp_path / "Format-Serving"),
      signatures={"encode": module.f, "decode": module.f})
  with pytest.raises(errors.UserError, match="must take image"):
    generator.Generator(str(tmp_path))


def test_through_tfx_and_from_the_cache(run_components, faces_uri, model_uri):
  def made():
    faces = tfx.dsl.Importer(
        source_uri=faces_uri, artifact_type=standard_artifacts.Examples,
        properties={"split_names": '["labeled", "unlabeled"]'},
    ).with_id("faces")
    model = tfx.dsl.Importer(
        source_uri=model_uri, artifact_type=standard_artifacts.Model,
    ).with_id("model")
    synthetic = component.SyntheticFaceGen(
        examples=faces.outputs["result"], model=model.outputs["result"],
        settings=settings_lib.SyntheticSettings(train_faces=8, eval_faces=4),
        attribute="Male")
    return run_components([faces, model, synthetic])["SyntheticFaceGen"]

  first, again = made(), made()
  assert not first.cached and again.cached
  uri = first.outputs["examples"][0]
  assert len(list(examples.dataset(uri, "synthetic_train"))) == 8
