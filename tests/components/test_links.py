"""Files that two folders have in common take room once."""

import os

from components.shared.core import links


def _folder(path, **files):
  path.mkdir()
  for name, content in files.items():
    (path / name).write_text(content)
  return str(path)


def test_what_is_the_same_becomes_a_link(tmp_path):
  one = _folder(tmp_path / "one", weights="same", graph="one", longer="12")
  two = _folder(tmp_path / "two", weights="same", graph="two", longer="123", more="same")
  links.share(two, one)
  assert os.path.samefile(f"{one}/weights", f"{two}/weights")
  for name in ("graph", "longer"):
    assert not os.path.samefile(f"{one}/{name}", f"{two}/{name}")
  assert sorted(os.listdir(two)) == ["graph", "longer", "more", "weights"]
  assert (tmp_path / "two" / "graph").read_text() == "two"


def test_a_copy_takes_the_place_of_what_was_there(tmp_path):
  one = _folder(tmp_path / "one", weights="new")
  two = _folder(tmp_path / "two", weights="old", left="over")
  links.copy(one, two)
  assert os.listdir(two) == ["weights"]
  assert (tmp_path / "two" / "weights").read_text() == "new"
