"""Which engine a machine gets."""

import os
import subprocess
import sys

import pytest

from components.shared.core import errors, hardware
from components.shared.core import settings as settings_lib
from components.shared.networks import choice
from components.shared.networks.engine_settings import EngineSettings


def test_this_machine_gets_int8_only_with_its_instructions():
  has_them = hardware.cpu_features() & set(choice.INT8_DOT_PRODUCTS)
  chosen = choice.choose(EngineSettings())
  assert chosen.kind == ("onnx_int8" if has_them else "onnx_fp32")
  assert chosen.reason


def test_what_is_configured_is_taken():
  assert choice.choose(EngineSettings(kind="tensorflow")) == choice.Choice(
    "tensorflow", "as configured"
  )


def test_unknown_engine_is_refused():
  with pytest.raises(errors.UserError, match="kind.*'auto', 'tensorflow', 'onnx_fp32'"):
    settings_lib.from_dict(EngineSettings, {"kind": "openvino"})


_WITHOUT_LIBRARY = """
import sys
sys.modules["onnxruntime"] = None
from components.shared.core import errors
from components.shared.networks import choice
from components.shared.networks.engine_settings import EngineSettings
print(choice.choose(EngineSettings()))
try:
  choice.choose(EngineSettings(kind="onnx_fp32"))
except errors.UserError as error:
  print(error)
"""


def test_without_onnx_runtime():
  done = subprocess.run(
    [sys.executable, "-c", _WITHOUT_LIBRARY],
    text=True,
    check=True,
    capture_output=True,
    env={**os.environ, "PYTHONPATH": os.getcwd()},
  )
  automatic, insisted = done.stdout.splitlines()
  assert "'tensorflow'" in automatic and "onnxruntime" in automatic
  assert insisted == (
    "engine.kind=onnx_fp32 needs the Python package onnxruntime, which is "
    "not installed; install it, or set engine.kind=tensorflow"
  )
