"""Labelling and prediction do without what only the whole pipeline takes."""

import json
import os
import subprocess
import sys
import urllib.request

import pytest

from tests.end_to_end import running

_PREAMBLE = """
import sys

class Blocked:
  def find_spec(self, name, path=None, target=None):
    if name.partition(".")[0] in {blocked}:
      raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocked())
from pipeline import __main__ as program
program.main()
"""
_BLOCKED = {
  "absl",
  "apache_beam",
  "cleanlab",
  "h5py",
  "keras",
  "matplotlib",
  "ml_metadata",
  "onnx",
  "pymysql",
  "requests",
  "scipy",
  "sklearn",
  "tensorflow",
  "tensorflow_transform",
  "tf2onnx",
  "tfx",
  "urllib3",
  "yaml",
}


@pytest.fixture
def light(tmp_path):
  """light(arguments): the command line as a process, without those packages."""
  started = []

  def start(*arguments):
    process = subprocess.Popen(
      [sys.executable, "-c", _PREAMBLE.format(blocked=_BLOCKED), *map(str, arguments)],
      cwd=tmp_path,
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      text=True,
      env={**os.environ, **running.python_path(), "PYTHONUNBUFFERED": "1"},
    )
    started.append(process)
    return process

  yield start
  for process in started:
    process.kill()
    process.communicate()


def test_predict(light, model, sample_photos, predictor):
  photo = sample_photos / "000007.jpg"
  process = light("predict", photo, "--model", model, "--json")
  out, err = process.communicate()
  assert process.returncode == 0, err
  (row,) = json.loads(out)
  (expected,) = predictor.predict([("", photo)])
  assert row["probabilities"] == pytest.approx(expected.probabilities, abs=1e-4)
  assert row["score"] == pytest.approx(expected.score, abs=1e-3)


def test_label(light, sample_photos):
  process = light("label", sample_photos, "--attribute", "Smiling", "--no-browser")
  line = next(line for line in process.stdout if "http://" in line)
  with urllib.request.urlopen(f"{line.split()[1]}state") as response:
    assert json.load(response)["photo"]["name"].endswith(".jpg")


@pytest.mark.parametrize("verb", ["run", "compile", "sweep", "report"])
def test_other_verbs_say_what_to_install(light, verb):
  process = light(verb)
  _, err = process.communicate()
  assert process.returncode == 2 and len(err.splitlines()) == 1, err
  if verb != "report":  # There is no run to report on.
    assert 'pip install ".[pipeline]"' in err


def test_help_lists_what_is_here(light):
  out, _ = light("--help").communicate()
  assert "label " in out and "predict " in out
  assert "are not here: this needs the Python package yaml" in " ".join(out.split())
