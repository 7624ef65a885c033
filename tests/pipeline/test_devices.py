"""Which GPUs a run may use, and what it says of them."""

import os
import pathlib
import subprocess
import sys

import pytest
import tensorflow as tf

from components.shared.core import errors, hardware
from pipeline import config, dag, devices, run_folder

_ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize(
  "wanted, there, count", [("auto", 0, 0), ("auto", 2, 2), ("cpu", 2, 0), (1, 2, 1), (2, 2, 2)]
)
def test_how_many_are_used(wanted, there, count):
  assert devices.how_many(wanted, there) == count


@pytest.mark.parametrize(
  "wanted, there, said",
  [
    (1, 0, r"asks for 1 GPU, and there are none.*give --devices cpu, or auto"),
    (3, 1, "asks for 3 GPUs, and there is 1; give --devices 1, or auto"),
    (3, 2, "asks for 3 GPUs, and there are 2; give --devices 2, or auto"),
  ],
)
def test_more_than_there_are_is_refused(wanted, there, said):
  with pytest.raises(errors.UserError, match=said) as raised:
    devices.how_many(wanted, there)
  assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
  "count, before, after",
  [
    (1, None, "0"),
    (2, None, "0,1"),
    (0, None, "-1"),
    (0, "2,3", "-1"),
    (1, "2,3", "2"),
    (2, "3,GPU-8932f937,1", "3,GPU-8932f937"),
  ],
)
def test_workers_see_the_gpus_that_are_used(count, before, after):
  assert devices.visible(count, before) == after


def test_what_is_used_is_said():
  a100 = "NVIDIA A100-SXM4-40GB"
  assert devices.describe([a100, a100], 2).startswith(f"2 GPUs ({a100})")
  assert devices.describe([a100], 4).startswith(f"1 of 4 GPUs ({a100})")
  assert devices.describe(["T4", a100], 2).startswith(f"2 GPUs (T4, {a100})")
  cores = str(hardware.threads())
  assert devices.describe([], 2).startswith(cores)
  assert devices.describe([], 2).endswith("; 2 GPUs left alone")


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="there is a GPU")
@pytest.mark.parametrize("wanted", ["auto", "cpu"])
def test_a_machine_without_gpus(wanted, monkeypatch):
  monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
  said = devices.choose(wanted)
  assert said.startswith("Devices: no GPU")
  assert f", {hardware.threads()} CPU core" in said
  assert "CUDA_VISIBLE_DEVICES" not in os.environ


@pytest.mark.parametrize("text, value", [("auto", "auto"), ("cpu", "cpu"), ("2", 2)])
def test_settings_that_are_taken(text, value):
  built = config.build(config.Config(), assignments=[f"runtime.devices={text}"])
  assert built.runtime.devices == value
  again = config.with_values(config.Config(), {"runtime.devices": text})
  assert again == built


@pytest.mark.parametrize("text", ["0", "-1", "gpu", "1.5", "true", ""])
def test_settings_that_are_refused(text):
  with pytest.raises(
    errors.UserError, match="runtime.devices: is auto, cpu, or a number of GPUs from 1"
  ) as raised:
    config.build(config.Config(), assignments=[f"runtime.devices={text}"])
  assert "\n" not in str(raised.value)


_STILL_FREE_TO_CHOOSE = """
from pipeline import run
import tensorflow as tf
run.devices.choose("auto")
cpu, = tf.config.list_physical_devices("CPU")
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
"""


def test_they_are_chosen_before_tensorflow_computes():
  """Devices can't be changed afterwards; TensorFlow would complain."""
  subprocess.run(
    [sys.executable, "-c", _STILL_FREE_TO_CHOOSE], check=True, cwd=_ROOT, capture_output=True
  )


def test_they_are_in_no_cache_key(tmp_path):
  """But in the Report's, which shows every setting."""

  def properties(value):
    settings = config.with_values(
      config.Config(), {"runtime.devices": value, "source.attributes": ["Male"]}
    )
    folder = run_folder.RunFolder(tmp_path)
    pipeline = dag.create_pipeline(
      settings, folder.places(settings), dag.Inputs("same", "same", ())
    )
    return {node.id: node.exec_properties for node in pipeline.components if node.id != "Report"}

  one, other = properties("auto"), properties(2)
  assert one == other and "VaeGanTrainer" in one
