"""The model that a candidate is compared with, where there is no Resolver."""

import pathlib

from tfx.types import standard_artifacts

from components.latest_pushed_model import executor


def _write_model(folder: pathlib.Path, content: str) -> None:
  folder.mkdir(parents=True)
  (folder / "saved_model.pb").write_text(content)


def _found(tmp_path: pathlib.Path) -> str:
  candidate, output = standard_artifacts.Model(), standard_artifacts.Model()
  candidate.uri = str(tmp_path / "candidate")
  output.uri = str(tmp_path / "output")
  _write_model(tmp_path / "candidate" / "Format-Serving", "candidate")
  executor.Executor().Do(
    {"candidate": [candidate]}, {"model": [output]}, {"pushed": str(tmp_path / "pushed")}
  )
  return (tmp_path / "output" / "Format-Serving" / "saved_model.pb").read_text()


def test_the_newest_version_counts(tmp_path):
  for version in ("9", "1700000000", "1699999999"):
    _write_model(tmp_path / "pushed" / version, version)
  _write_model(tmp_path / "pushed" / "notes", "notes")
  assert _found(tmp_path) == "1700000000"


def test_without_any_it_is_the_candidate(tmp_path):
  assert _found(tmp_path) == "candidate"


def test_an_empty_folder_has_none(tmp_path):
  (tmp_path / "pushed").mkdir()
  assert _found(tmp_path) == "candidate"
