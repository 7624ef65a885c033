"""Format, layers and types: what tools hold, and that they hold it."""

import pathlib
import shutil
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).parents[1]
_BIN = pathlib.Path(sys.executable).parent
if not (_ROOT / "pipeline").is_dir():
  pytest.skip("no source tree is here", allow_module_level=True)

_PACKAGES = ("components", "devtools", "pipeline", "schema")
_LINT_IMPORTS = """
import sys
from importlinter import cli
sys.path.insert(0, ".")
sys.exit(cli.lint_imports(no_cache=True, no_logo=True))
"""


def _run(*command, cwd=_ROOT):
  return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def _layers(folder):
  return _run(sys.executable, "-c", _LINT_IMPORTS, cwd=folder)


@pytest.fixture
def copy(tmp_path):
  """The product's Python, to be spoilt."""
  for package in _PACKAGES:
    shutil.copytree(
      _ROOT / package,
      tmp_path / package,
      ignore=lambda folder, names: {
        name
        for name in names
        if name == "__pycache__" or (pathlib.Path(folder, name).is_file() and name[-3:] != ".py")
      },
    )
  shutil.copy(_ROOT / "pyproject.toml", tmp_path)
  return tmp_path


def test_everything_is_formatted():
  done = _run(
    _BIN / "ruff",
    "format",
    "--check",
    "--no-cache",
    *_PACKAGES,
    "tests",
    "setup.py",
    "constraints",
    ".ci",
  )
  assert done.returncode == 0, f"run `ruff format`: {done.stdout}{done.stderr}"


def test_layers_are_kept():
  done = _layers(_ROOT)
  assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
  ("module", "imported"),
  [
    ("components/label_filter/executor.py", "components.ladder.component"),
    ("components/shared/core/errors.py", "components.ladder.executor"),
    ("components/shared/data/examples.py", "components.shared.networks.facenet"),
    ("components/report/page.py", "pipeline.config"),
    ("pipeline/config.py", "pipeline.programs.cli.group"),
    ("pipeline/run.py", "devtools.bench.run"),
  ],
)
def test_an_import_out_of_order_is_seen(copy, module, imported):
  path = copy / module
  path.write_text(path.read_text() + f"\nimport {imported}\n")
  done = _layers(copy)
  assert done.returncode == 1, done.stdout + done.stderr
  assert "BROKEN" in done.stdout
  assert module[:-3].replace("/", ".") in done.stdout


def test_types_fit(tmp_path):
  done = _run(sys.executable, "-m", "mypy", "--cache-dir", tmp_path)
  assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_type_is_seen(tmp_path):
  path = tmp_path / "wrong.py"
  path.write_text("def half(number: int) -> str:\n  return number / 2\n")
  done = _run(
    sys.executable,
    "-m",
    "mypy",
    "--config-file",
    _ROOT / "pyproject.toml",
    "--cache-dir",
    tmp_path,
    path,
  )
  assert done.returncode == 1 and "return-value" in done.stdout, done.stdout + done.stderr
