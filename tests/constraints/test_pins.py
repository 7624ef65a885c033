"""What is tested is what is pinned."""

import importlib.metadata
import pathlib
import re
import sysconfig

import pytest
from packaging import requirements, utils

_FOLDER = pathlib.Path(__file__).parents[2] / "constraints"
_FILES = sorted(_FOLDER.glob("*.txt"))
# Of this environment. On sys.path there may be what setuptools brings for its
# own use.
_FOLDERS = sorted({sysconfig.get_path(name) for name in ("purelib", "platlib")})
# The project itself, and what comes with a virtual environment.
_UNPINNED = {"latent-labels", "pip"}


def _pins(path: pathlib.Path) -> dict:
  """Versions by package, of the lines that hold for this Python."""
  pins = {}
  for line in path.read_text().splitlines():
    requirement = requirements.Requirement(line)
    if not requirement.marker or requirement.marker.evaluate():
      name = utils.canonicalize_name(requirement.name)
      assert name not in pins, f"{name} is pinned twice"
      pins[name] = str(requirement.specifier)
  return pins


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_one_version_each_by_name(path):
  for line in path.read_text().splitlines():
    assert re.fullmatch(r"[\w.-]+==[\w.]+(; python_version [<>=]+ \"[\d.]+\")?", line), line
  assert _pins(path)


def test_this_environment_has_the_pinned_versions():
  installed = {
    utils.canonicalize_name(distribution.name): f"=={distribution.version}"
    for distribution in importlib.metadata.distributions(path=_FOLDERS)
  }
  for name in _UNPINNED:
    installed.pop(name, None)
  differences = [dict(installed.items() - _pins(path).items()) for path in _FILES]
  assert {} in differences, min(differences, key=len)
