"""A training that goes on from the last one, within a budget."""

import json
import pathlib

import numpy as np
import pytest
from tfx.types import channel, standard_artifacts

from components.shared.core import errors
from components.vae_gan_trainer import component, executor


@pytest.fixture
def train(tmp_path, faces_uri, small):
  """train(name, **settings): an execution; its model's description."""

  def call(name, **changes):
    trainer = component.VaeGanTrainer(
      examples=channel.Channel(type=standard_artifacts.Examples),
      settings=small(**changes),
      checkpoint_root=str(tmp_path / "checkpoints"),
    )
    outputs = {
      "model": standard_artifacts.Model(),
      "training_log": trainer.outputs["training_log"].type(),
    }
    for output, artifact in outputs.items():
      artifact.uri = str(tmp_path / name / output)
      pathlib.Path(artifact.uri).mkdir(parents=True)
    faces = standard_artifacts.Examples()
    faces.uri = faces_uri
    executor.Executor().Do(
      {"examples": [faces]}, {k: [v] for k, v in outputs.items()}, trainer.exec_properties
    )
    return json.loads((tmp_path / name / "model" / executor.DESCRIPTION).read_text())

  return call


def test_goes_on_within_the_budget(train, tmp_path, capsys):
  """64 photos in batches of 16: 4 steps a pass."""
  first = train("first", epochs=6, warm_start=11)
  assert first["steps"] == 24  # Nothing to go on from.
  assert "there is no earlier training" in capsys.readouterr().err
  second = train("second", epochs=6, warm_start=11)
  assert second["steps"] == 8
  assert "for 8 of at most 11 steps" in capsys.readouterr().err
  anew = train("anew", epochs=2)
  assert anew["steps"] == 8
  # As many steps, but not from scratch.
  assert second["last_epoch"]["generator_loss"] < anew["last_epoch"]["generator_loss"]
  assert np.isclose(
    second["last_epoch"]["generator_loss"], first["last_epoch"]["generator_loss"], rtol=0.3
  )
  # Other sizes have nothing to go on from; what did not ask for it kept nothing.
  assert train("narrower", epochs=2, warm_start=4, widths=(4, 8))["steps"] == 8
  assert len(list((tmp_path / "checkpoints").iterdir())) == 2


def test_budget_of_less_than_a_pass(train):
  train("first", epochs=1, warm_start=4)
  with pytest.raises(errors.UserError, match="warm_start=3: is less than one pass"):
    train("second", epochs=1, warm_start=3)


@pytest.mark.parametrize(("most", "steps"), [(None, 24), (100, 24), (11, 8), (3, 4)])
def test_no_more_passes_than_max_steps_allows(train, capsys, most, steps):
  assert train("first", epochs=6, max_steps=most)["steps"] == steps
  said = f"epochs, by generator.max_steps={most}" in capsys.readouterr().err
  assert said == (steps < 24)
