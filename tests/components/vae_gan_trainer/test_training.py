"""Learning, resuming, precision and several devices."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from components.shared.generators import history
from components.vae_gan_trainer import loss_scale
from tests import references

_ROOT = pathlib.Path(__file__).parents[3]


def _weights(run):
  return [w for network in run.learner.averages for w in network.get_weights()]


@pytest.fixture
def stop_after(monkeypatch):
  """stop_after(run, steps): runs it, and kills it in the middle."""

  class Killed(Exception):
    pass

  def _stop(run, steps):
    go_on = run._tf_steps

    def counting(batches, count):
      if run.step == steps:
        raise Killed
      go_on(batches, count)

    monkeypatch.setattr(run, "_tf_steps", counting)
    with pytest.raises(Killed):
      run.run()

  return _stop


def test_reconstructions_get_better(small, make_training):
  run = make_training(small(epochs=25, preview_epochs=5))
  run.run()
  assert len(run.history) == 25
  assert run.history[-1]["pixel"] < 0.6 * run.history[0]["pixel"]
  assert run.step == 25 * 4


def test_the_same_seed_gives_the_same_weights(small, make_training):
  one, same = (make_training(small(), folder=name) for name in "ab")
  one.run()
  same.run()
  for a, b in zip(_weights(one), _weights(same), strict=True):
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_losses_of_twenty_steps_are_what_they_were(small, make_training):
  """Five epochs of four steps, in which errors have not grown yet."""
  run = make_training(small(epochs=5, preview_epochs=5))
  run.run()
  assert run.step == 20
  names = "pixel", "feature", "kl", "discriminator", "generator_loss"
  references.check(
    "vae_gan_losses",
    {name: [float(f"{epoch[name]:.4g}") for epoch in run.history] for name in names},
    rel=0.01,
  )


@pytest.mark.parametrize("killed_at", [4, 6])
def test_a_killed_run_goes_on_as_if_nothing_had_been(
  small, make_training, stop_after, monkeypatch, killed_at
):
  """At the end of an epoch (4 steps) and within one."""
  monkeypatch.setattr("components.vae_gan_trainer.training._LOOK_STEPS", 1)
  settings = small(checkpoint_minutes=0)
  whole = make_training(settings, folder="whole")
  whole.run()
  stop_after(make_training(settings, folder="killed"), killed_at)
  resumed = make_training(settings, folder="killed")
  assert resumed.step == killed_at
  resumed.run()
  for a, b in zip(_weights(whole), _weights(resumed), strict=True):
    np.testing.assert_allclose(a, b, atol=1e-5)
  assert len(whole.history) == len(resumed.history)
  for a, b in zip(whole.history, resumed.history, strict=True):
    assert a == pytest.approx(b, rel=1e-3)


def test_checkpoints_of_other_networks_are_not_resumed(
  small, make_training, stop_after, monkeypatch, capfd
):
  """They are found by settings and photos, so the code may have changed."""
  monkeypatch.setattr("components.vae_gan_trainer.training._LOOK_STEPS", 1)
  settings = small(checkpoint_minutes=0)
  stop_after(make_training(small(checkpoint_minutes=0, widths=(8, 24))), 4)
  anew = make_training(settings)
  assert anew.step == 0
  assert "are of other networks; training starts anew" in capfd.readouterr().err
  fresh = make_training(settings, folder="fresh")
  for run in (anew, fresh):
    run.run()
  for a, b in zip(_weights(anew), _weights(fresh), strict=True):
    np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_learns_what_float32_does(small, make_training, precision):
  """Codes' noise and batches are the same, so losses stay close."""
  epochs = {"epochs": 10, "preview_epochs": 10}
  whole = make_training(small(**epochs), folder="float32")
  half = make_training(small(mixed_precision=precision, **epochs), folder="half")
  encoder = half.learner.networks.encoder
  assert precision in {layer.compute_dtype for layer in encoder.layers}
  whole.run()
  half.run()
  assert {w.dtype for w in _weights(half)} == {np.dtype("float32")}
  assert all(np.isfinite(w).all() for w in _weights(half))
  for epoch in half.history:
    assert np.isfinite(list(epoch.values())).all()
  for name in ("pixel", "feature", "kl", "discriminator", "generator_loss"):
    ours, theirs = ([epoch[name] for epoch in run.history] for run in (half, whole))
    assert ours == pytest.approx(theirs, rel=0.1), name
  assert half.history[-1]["pixel"] < 0.9 * half.history[0]["pixel"]


def test_log_has_history_and_pictures(small, make_training, tmp_path):
  make_training(small()).run()
  folder = tmp_path / "run" / "log"
  written = history.read(str(folder))
  assert len(written) == 2
  assert {
    "pixel",
    "feature",
    "kl",
    "discriminator",
    "sample_diversity",
    "active_dimensions",
  } <= set(written[-1])
  tags = set()
  for path in folder.glob("events*"):
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
      event = tf.compat.v1.Event.FromString(record)
      tags |= {value.tag for value in event.summary.value}
  assert {"photos_and_reconstructions", "samples", "kl_by_dimension", "pixel"} <= tags


@pytest.mark.slow
def test_two_devices_take_the_same_steps_as_one(faces_uri, small, tmp_path):
  """Devices are fixed once TensorFlow runs, hence other processes."""
  losses = []
  for count in ("1", "2"):
    output = tmp_path / f"{count}.json"
    subprocess.run(
      [
        sys.executable,
        "-m",
        "tests.components.vae_gan_trainer.train_on_devices",
        count,
        faces_uri,
        str(tmp_path / count),
        str(output),
      ],
      cwd=_ROOT,
      check=True,
      capture_output=True,
    )
    losses.append(json.loads(output.read_text()))
  one, two = losses
  assert one["replicas"] == 1 and two["replicas"] == 2
  for a, b in zip(one["history"], two["history"], strict=True):
    assert a == pytest.approx(b, rel=2e-3, abs=1e-4)


def test_loss_scale_drops_a_step_that_overflowed():
  scale = loss_scale.LossScale(dynamic=True)
  before = float(scale.value)
  (kept,), (dropped,) = scale.unscaled([tf.constant([1.0])], [tf.constant([np.inf])])
  assert float(kept[0]) == 0.0 and float(dropped[0]) == 0.0
  assert float(scale.value) == before / 2


def test_loss_scale_leaves_gradients_as_they_were():
  scale = loss_scale.LossScale(dynamic=True)
  x = tf.Variable([3.0])
  with tf.GradientTape() as tape:
    loss = scale.scaled(tf.reduce_sum(x**2))
  ((gradient,),) = scale.unscaled([tape.gradient(loss, x)])
  assert float(gradient[0]) == pytest.approx(6.0)
