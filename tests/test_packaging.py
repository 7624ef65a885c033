"""What is installed is all that is in the packages' folders."""

import pathlib
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).parents[1]
_PACKAGES = ("components", "pipeline", "schema")


def test_every_file_of_the_packages_is_installed(tmp_path):
  if not (_ROOT / "pipeline").is_dir():
    pytest.skip("no source tree is here")
  subprocess.run(
    [
      sys.executable,
      "setup.py",
      "-q",
      "egg_info",
      "--egg-base",
      tmp_path,
      "build",
      "--build-base",
      tmp_path / "base",
      "--build-lib",
      tmp_path / "lib",
    ],
    cwd=_ROOT,
    check=True,
    capture_output=True,
  )

  def files(folder):
    return {
      str(path.relative_to(folder))
      for package in _PACKAGES
      for path in (folder / package).rglob("*")
      if path.is_file()
      and "__pycache__" not in path.parts
      and path.suffix != ".pyc"
      and path.name != "README.md"
    }

  assert files(tmp_path / "lib") == files(_ROOT)
