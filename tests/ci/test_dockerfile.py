"""The project's Dockerfile, by what its instructions say."""

import importlib.metadata
import json
import pathlib
import re
import shutil
import subprocess

import pytest
import tensorflow as tf
from images import build_context, dockerfile
from packaging import requirements, utils

_ROOT = pathlib.Path(__file__).parents[2]
_PINS = "constraints/tfx-1.21-python-3.11-kfp.txt"
_CUDA = "constraints/tensorflow-2.21-cuda-12.9.txt"
_FINAL = ("cpu", "gpu", "test")
_PUBLISHED = ("cpu", "gpu")


@pytest.fixture(scope="module")
def parsed() -> dockerfile.Dockerfile:
  return dockerfile.parse((_ROOT / "Dockerfile").read_text())


def _runs(parsed, target):
  return [i.value for i in parsed.lineage(target) if i.name == "RUN"]


def _last(parsed, target, name):
  return [i for i in parsed.lineage(target) if i.name == name][-1]


@pytest.mark.parametrize("target", _FINAL)
def test_ends_as_a_numeric_user_that_is_not_root(parsed, target):
  user = _last(parsed, target, "USER").value
  assert re.fullmatch(r"[1-9]\d*:0", user), user


@pytest.mark.parametrize("target", _FINAL)
def test_packages_come_from_the_constraints_file(parsed, target):
  copied = set()
  for instruction in parsed.lineage(target):
    copied.add(instruction.flags.get("from"))
  assert "dependencies" in copied
  installs = [value for value in _runs(parsed, "dependencies") if "pip install" in value]
  assert installs
  assert all(f"--constraint {_PINS}" in value for value in installs)


@pytest.mark.parametrize("target", _FINAL)
def test_no_build_tools_in_the_final_stage(parsed, target):
  for value in _runs(parsed, target):
    assert "apt" not in value and "pip" not in value, value
  assert parsed.stages["runtime"].base == parsed.stages["venv"].base
  assert "apt-get install" in " ".join(_runs(parsed, "dependencies"))
  copies = [i for i in parsed.lineage(target) if i.name == "COPY" and "from" in i.flags]
  # Only what was made, never a system's folders.
  assert all(i.value.split()[0].startswith("/opt/") for i in copies)


@pytest.mark.parametrize("target", _PUBLISHED)
def test_no_source_tree_in_the_final_stage(parsed, target):
  own = [i.value for i in parsed.lineage(target) if i.name == "COPY" and "from" not in i.flags]
  assert own == ["LICENSE /usr/share/doc/latent-labels/"]


def test_both_images_have_the_same_project_and_differ_by_cuda(parsed):
  def copied(target):
    return {(i.flags.get("from"), i.value) for i in parsed.lineage(target) if i.name == "COPY"}

  assert copied("gpu") - copied("cpu") == {("cuda", "/opt/cuda /")}
  assert not copied("cpu") - copied("gpu")


def test_every_source_of_copy_is_in_the_build_context(parsed):
  context = build_context.Context(_ROOT)
  copies = [
    i
    for stage in parsed.stages.values()
    for i in stage.instructions
    if i.name == "COPY" and "from" not in i.flags
  ]
  assert copies
  for instruction in copies:
    *sources, _ = instruction.words({})
    for source in sources:
      if not (_ROOT / source).exists() and source in ("components", "pipeline"):
        continue  # Inside of the image of the tests.
      assert list(context.files(source)), source


def test_the_cpu_image_is_what_is_built_without_a_target(parsed):
  last = list(parsed.stages.values())[-1]
  assert (last.base, last.instructions) == ("cpu", ())


def test_copies_come_from_earlier_stages(parsed):
  seen = set()
  for stage in parsed.stages.values():
    assert set(stage.copied_from) <= seen
    seen.add(stage.name)


@pytest.mark.parametrize(
  "path",
  [
    ".git/config",
    "output/sample/model/1/saved_model.pb",
    ".venv/bin/python",
    ".venvs/one/bin/python",
    "rehearsal/step.log",
    "pipeline/__pycache__/cli.cpython-311.pyc",
    "latent_labels.egg-info/PKG",
    "build/lib/x.py",
    "__pycache__/x.pyc",
  ],
)
def test_what_stays_out_of_the_build_context(path):
  assert not build_context.Context(_ROOT).has(path)


def test_all_that_git_has_is_in_the_build_context():
  if not (_ROOT / ".git").exists() or not shutil.which("git"):
    pytest.skip("not a clone, or no git")
  listed = subprocess.run(
    ["git", "ls-files"], cwd=_ROOT, text=True, check=True, capture_output=True
  ).stdout.splitlines()
  context = build_context.Context(_ROOT)
  assert [path for path in listed if not context.has(path)] == []


@pytest.mark.parametrize("target", _PUBLISHED)
def test_health_check_and_entry_point(parsed, target):
  assert _last(parsed, target, "ENTRYPOINT").array == ["python", "-m", "pipeline"]
  _, _, command = _last(parsed, target, "HEALTHCHECK").value.partition(" ")
  assert json.loads(command) == ["python", "-m", "pipeline", "health"]


@pytest.mark.parametrize("target", _PUBLISHED)
def test_environment_and_labels(parsed, target):
  environment, labels = {}, {}
  for instruction in parsed.lineage(target):
    if instruction.name == "ENV":
      environment.update(instruction.pairs({"PATH": "/bin"}))
    elif instruction.name == "LABEL":
      labels.update(instruction.pairs({}))
  assert environment["TF_USE_LEGACY_KERAS"] == "0"
  assert environment["PATH"].split(":")[0] == "/opt/venv/bin"
  made = next(value for value in _runs(parsed, target) if "install --directory" in value)
  assert "--group=0" in made and "--mode=775" in made
  for name in ("HOME", "FACES_CACHE", "MPLCONFIGDIR"):
    assert environment[name] in made.split(), name
  assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
  assert labels["org.opencontainers.image.title"] == "latent-labels"


def test_the_cuda_libraries_are_those_that_tensorflow_asks_for():
  if not tf.__version__.startswith("2.21."):
    pytest.skip(f"of TensorFlow 2.21, and here is {tf.__version__}")
  asked = {}
  for text in importlib.metadata.requires("tensorflow"):
    requirement = requirements.Requirement(text)
    if requirement.marker and "and-cuda" in str(requirement.marker):
      asked[utils.canonicalize_name(requirement.name)] = requirement.specifier
  pins = dict(line.split("==") for line in (_ROOT / _CUDA).read_text().splitlines())
  assert set(pins) == set(asked)
  for name, version in pins.items():
    assert version in asked[name], name
