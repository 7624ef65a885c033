"""Cache keys follow the code."""

import importlib
import sys

import pytest

from components.shared.core import fingerprint


@pytest.fixture
def package(tmp_path, monkeypatch):
  """A copy-cat of `components` with three modules, one importing another."""
  folder = tmp_path / "components"
  (folder / "one").mkdir(parents=True)
  (folder / "__init__.py").touch()
  (folder / "one" / "__init__.py").touch()
  (folder / "one" / "executor.py").write_text("from components import base\n")
  (folder / "base.py").write_text("X = 1\n")
  (folder / "aside.py").write_text("Y = 1\n")
  for name in [n for n in sys.modules if n.split(".")[0] == "components"]:
    monkeypatch.delitem(sys.modules, name)
  monkeypatch.syspath_prepend(str(tmp_path))
  importlib.invalidate_caches()
  return folder


def test_changes_with_own_and_imported_code_only(package):
  first = fingerprint.of_modules("components.one.executor")
  (package / "aside.py").write_text("Y = 2\n")
  assert fingerprint.of_modules("components.one.executor") == first
  (package / "base.py").write_text("X = 2\n")
  second = fingerprint.of_modules("components.one.executor")
  assert second != first
  (package / "one" / "executor.py").write_text("from components import base\nZ = base.X\n")
  assert fingerprint.of_modules("components.one.executor") != second


def test_every_component_has_its_own():
  names = (
    "face_example_gen",
    "vae_gan_trainer",
    "synthetic_face_gen",
    "embedding_network",
    "face_embedder",
    "ladder",
    "report",
  )
  prints = {fingerprint.of_modules(f"components.{name}.executor") for name in names}
  assert len(prints) == len(names)


@pytest.mark.parametrize(
  "source",
  [
    "# A comment.\nX = 1\n",
    '"""What it is for."""\n\nX = (\n    1)\n',
    'X = 1\n"""What X is."""\n',
  ],
)
def test_comments_and_layout_do_not_count(package, source):
  first = fingerprint.of_modules("components.one.executor")
  (package / "base.py").write_text(source)
  assert fingerprint.of_modules("components.one.executor") == first


def test_a_module_of_another_package_counts_with_its_imports(package, tmp_path):
  theirs = tmp_path / "theirs"
  theirs.mkdir()
  (theirs / "__init__.py").touch()
  (theirs / "network.py").write_text("from theirs import layers\n")
  (theirs / "layers.py").write_text("X = 1\n")
  names = "components.one.executor", "theirs.network"
  first = fingerprint.of_modules(*names)
  assert first != fingerprint.of_modules(names[0])
  (theirs / "layers.py").write_text("X = 2\n")
  assert fingerprint.of_modules(*names) != first


def test_templates_count_and_the_downloader_does_not(package):
  first = fingerprint.of_modules("components.one.executor")
  (package / "one" / "templates").mkdir()
  (package / "one" / "templates" / "page.html.j2").write_text("<p>")
  second = fingerprint.of_modules("components.one.executor")
  assert second != first
  (package / "one" / "templates" / "page.html.j2").write_text("<b>")
  assert fingerprint.of_modules("components.one.executor") not in (first, second)
  assets = package / "shared" / "assets"
  assets.mkdir(parents=True)
  for folder in (assets, assets.parent):
    (folder / "__init__.py").touch()
  (assets / "download.py").write_text("X = 1\n")
  (package / "base.py").write_text("from components.shared.assets import download\n")
  fetches = fingerprint.of_modules("components.one.executor")
  (assets / "download.py").write_text("X = 2\n")
  assert fingerprint.of_modules("components.one.executor") == fetches
