"""What VaeGanTrainer leaves behind, through TFX."""

import json
import os
import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf
from tfx import v1 as tfx
from tfx.types import channel, standard_artifacts

from components.shared.generators import history
from components.vae_gan_trainer import component, executor


@pytest.fixture(scope="module")
def saved(tmp_path_factory, faces_uri, small):
  """The component's outputs, by name, without an orchestrator."""
  root = tmp_path_factory.mktemp("trained")
  trainer = component.VaeGanTrainer(
    examples=channel.Channel(type=standard_artifacts.Examples),
    settings=small(),
    checkpoint_root=str(root / "checkpoints"),
  )
  outputs = {
    "model": standard_artifacts.Model(),
    "training_log": trainer.outputs["training_log"].type(),
  }
  for name, artifact in outputs.items():
    artifact.uri = str(root / name)
    (root / name).mkdir()
  faces = standard_artifacts.Examples()
  faces.uri = faces_uri
  executor.Executor().Do(
    {"examples": [faces]}, {k: [v] for k, v in outputs.items()}, trainer.exec_properties
  )
  return {name: pathlib.Path(artifact.uri) for name, artifact in outputs.items()}


def test_signatures_in_plain_tensorflow(saved):
  model = tf.saved_model.load(str(saved["model"] / "Format-Serving"))
  images = tf.constant(np.random.default_rng(0).uniform(size=[3, 16, 16, 3]), tf.float32)
  codes = model.signatures["encode"](image=images)
  assert codes["mean"].shape == codes["log_variance"].shape == (3, 8)
  faces = model.signatures["decode"](code=codes["mean"])["image"]
  assert faces.shape == (3, 16, 16, 3) and faces.dtype == tf.float32
  assert 0.0 <= float(tf.reduce_min(faces)) <= float(tf.reduce_max(faces)) <= 1
  probability = model.signatures["discriminate"](image=images)["probability"]
  assert probability.shape == (3,)
  assert 0.0 < float(tf.reduce_min(probability)) < 1.0


def test_description(saved):
  found = json.loads((saved["model"] / executor.DESCRIPTION).read_text())
  assert found["image_size"] == 16
  assert found["latent_size"] == 8
  assert found["photos"] == 64
  assert found["photos_seen"] == 128


def test_log(saved):
  assert len(history.read(str(saved["training_log"]))) == 2


def test_checkpoints_are_removed_after_success(saved):
  assert not os.listdir(saved["model"].parent / "checkpoints")


def test_through_tfx_and_from_the_cache(run_components, faces_uri, small, tmp_path):
  def trained():
    faces = tfx.dsl.Importer(
      source_uri=faces_uri,
      artifact_type=standard_artifacts.Examples,
      properties={"split_names": '["reserved", "training"]'},
    ).with_id("faces")
    trainer = component.VaeGanTrainer(
      examples=faces.outputs["result"],
      settings=small(epochs=1),
      checkpoint_root=str(tmp_path / "checkpoints"),
    )
    return run_components([faces, trainer])["VaeGanTrainer"]

  first, again = trained(), trained()
  assert not first.cached and again.cached
  assert first.outputs == again.outputs
  model = pathlib.Path(first.outputs["model"][0])
  assert (model / "Format-Serving" / "saved_model.pb").exists()


def test_checkpoints_are_found_by_settings_and_photos(faces_uri, tmp_path):
  def folder(faces=faces_uri, settings="{}", start=""):
    return executor.checkpoint_folder("root", settings, start, str(faces))

  copy = tmp_path / "copy"
  shutil.copytree(faces_uri, copy)
  assert folder(copy) == folder()
  assert len({folder(), folder(settings="{ }"), folder(start="0")}) == 3
  next((copy / "Split-training").iterdir()).write_bytes(b"another photo")
  assert folder(copy) != folder()
