"""What other projects set for Keras, gRPC and the like changes nothing here."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from components.shared.artifacts import types as artifacts
from components.shared.core import library_settings
from pipeline import lineage

_ROOT = pathlib.Path(__file__).parents[2]
_ASK = """
import json
import sys
import components
import tensorflow as tf
import tensorflow_transform
import keras
import tf_keras
import matplotlib
import warnings
print("imported", file=sys.stderr)
warnings.warn("only a warning")
print(json.dumps([
    keras.backend.backend(), keras.config.floatx(), keras.config.epsilon(),
    keras.config.image_data_format(), tf_keras.backend.floatx(),
    tf_keras.backend.epsilon(), tf_keras.backend.image_data_format(),
    tf.keras.__version__[:2], tf.executing_eagerly(),
    float(tf.function(lambda x: 2 * x, jit_compile=True)(1.0))]))
"""


def test_other_projects_settings_change_nothing(tmp_path):
  """A keras.json, environment variables, and a choice of warnings that would
  each end this in an error or change a number; and nothing is said."""
  (tmp_path / ".keras").mkdir()
  keras_json = tmp_path / ".keras" / "keras.json"
  keras_json.write_text(
    json.dumps(
      {"backend": "jax", "floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
    )
  )
  found = subprocess.run(
    [sys.executable, "-c", _ASK],
    capture_output=True,
    text=True,
    check=False,
    env={
      **os.environ,
      "PYTHONPATH": str(_ROOT),
      "HOME": str(tmp_path),
      "KERAS_HOME": str(keras_json.parent),
      "KERAS_BACKEND": "torch",
      "KERAS_MAX_EPOCHS": "few",
      "TF_USE_LEGACY_KERAS": "1",
      "TF2_BEHAVIOR": "0",
      "PYTHONWARNINGS": "error",
      "XLA_FLAGS": "--of_another_version=1",
      "MPLBACKEND": "nonsense",
    },
  )
  assert found.returncode == 0, found.stderr
  assert json.loads(found.stdout) == [
    "tensorflow",
    "float32",
    1e-7,
    "channels_last",
    "float32",
    1e-7,
    "channels_last",
    "3.",
    True,
    2.0,
  ]
  assert found.stderr.startswith("imported\n"), found.stderr
  assert "UserWarning: only a warning" in found.stderr


@pytest.mark.parametrize(
  "given, expected",
  [
    ({}, {}),
    ({"http_proxy": "http://proxy:1"}, {"no_proxy": "localhost,127.0.0.1,::1"}),
    (
      {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "intranet, localhost"},
      {"no_proxy": "intranet,localhost,127.0.0.1,::1"},
    ),
    ({"grpc_proxy": "http://proxy:1", "no_proxy": "*"}, {"no_proxy": "*"}),
    (
      {"http_proxy": "http://proxy:1", "no_grpc_proxy": "store"},
      {"no_proxy": "localhost,127.0.0.1,::1", "no_grpc_proxy": "store,localhost,127.0.0.1,::1"},
    ),
  ],
)
def test_workers_here_are_not_behind_a_proxy(given, expected):
  environment = dict(given)
  library_settings.decide(environment)
  assert {name: value for name, value in environment.items() if name.startswith("no_")} == expected
  again = dict(environment)
  library_settings.decide(again)
  assert again == environment


def test_what_tunes_stays():
  given = {
    "TF_CPP_MIN_LOG_LEVEL": "0",
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "1",
    "TF_FORCE_GPU_ALLOW_GROWTH": "false",
    "XLA_FLAGS": "--xla_gpu_cuda_data_dir=/cuda",
  }
  environment = dict(given)
  library_settings.decide(environment)
  assert {name: environment[name] for name in given} == given


@pytest.mark.parametrize(
  "said, kept",
  [
    (
      "2026-11-28 21:54:45: E external/local_xla/xla/stream_executor/cuda/"
      "cuda_fft.cc:479] Unable to register cuFFT factory: Attempting",
      False,
    ),
    (
      "E0000 00:00:1795904846.534286    6351 cuda_platform.cc:52] failed call "
      "to cuInit: INTERNAL: CUDA error",
      False,
    ),
    (
      "The TensorFlow library was compiled to use AVX instructions, but these "
      "aren't available on your machine.",
      True,
    ),
    (
      "2026-11-28 21:54:45: E cuda_dnn.cc:10] Could not create cudnn handle: "
      "CUDNN_STATUS_NOT_INITIALIZED",
      True,
    ),
  ],
)
def test_only_noise_is_left_out_even_if_the_process_ends(said, kept):
  """As where TensorFlow is built for another processor."""
  found = subprocess.run(
    [
      sys.executable,
      "-c",
      "import os\n"
      "from components.shared.core import library_settings\n"
      "with library_settings.without_noise():\n"
      f"  os.write(2, {said.encode()!r} + b'\\n')\n"
      "  os.abort()\n",
    ],
    capture_output=True,
    text=True,
    check=False,
    env={**os.environ, "PYTHONPATH": str(_ROOT)},
  )
  assert found.returncode == -6
  assert (said in found.stderr) == kept


def test_names_that_are_written_twice():
  assert lineage._ENGINE == artifacts.Engine.TYPE_NAME  # pylint: disable=protected-access


def test_modules_are_looked_through_once():
  """To weigh what Beam keeps; and what they hold is no part of the weight."""
  asked = """
import components
from apache_beam.runners.worker import statecache
import sys
import objsize
class Modules(dict):
    asked = 0
    def values(self):
        Modules.asked += 1
        return super().values()
one = statecache.get_deep_size([sys.modules["re"].__dict__, "x" * 500])
sys.modules = Modules(sys.modules)
again = [statecache.get_deep_size([sys.modules["re"].__dict__, "x" * 500]) for _ in range(9)]
print(set(again) == {one}, one < 2000, Modules.asked)
sys.modules["new"] = type(sys)("new")
statecache.get_deep_size(["x"])
print(Modules.asked)
"""
  found = subprocess.run(
    [sys.executable, "-c", asked],
    capture_output=True,
    text=True,
    check=True,
    cwd=_ROOT,
    env={**os.environ, "PYTHONPATH": str(_ROOT)},
  )
  assert found.stdout.split() == ["True", "True", "0", "1"]
