"""Fetching, with the real pip, from a folder of small wheels."""

import dataclasses
import hashlib
import os
import pathlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping

import pytest

from components.shared import assets
from components.shared.core import errors

MakeWheel = Callable[..., assets.Asset]

_MEMBERS = {
  "tinyfaces/img/b.jpg": b"second",
  "tinyfaces/img/a.jpg": b"first",
  "tinyfaces/img/notes.txt": b"not wanted",
  "tinyfaces/__init__.py": b"raise SystemExit('code was run')",
  "tinyfaces-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tinyfaces\nVersion: 1.0\n",
  "tinyfaces-1.0.dist-info/WHEEL": (
    b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
  ),
  "tinyfaces-1.0.dist-info/RECORD": b"",
}


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> pathlib.Path:
  """The only folder that pip finds packages in; the cache is empty."""
  folder = tmp_path / "shelf"
  folder.mkdir()
  monkeypatch.setenv("PIP_NO_INDEX", "1")
  monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "cache"))
  return folder


@pytest.fixture
def make_wheel(shelf, monkeypatch) -> MakeWheel:
  """make_wheel(members): puts a wheel on the shelf and in the catalogue."""

  def _make(
    members: Mapping[str, bytes] = _MEMBERS, pattern: str = "tinyfaces/img/*.jpg", **changes
  ) -> assets.Asset:
    path = shelf / "tinyfaces-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
      for name, content in members.items():
        archive.writestr(name, content)
    asset = dataclasses.replace(
      assets.WheelAsset(
        name="tiny",
        description="two small files",
        licence="none",
        package="tinyfaces",
        version="1.0",
        size=path.stat().st_size,
        sha256=assets.sha256_of(path),
        members=pattern,
        count=2,
      ),
      **changes,
    )
    monkeypatch.setitem(assets.ASSETS, "tiny", asset)
    return asset

  return _make


def _one_file(make_wheel: MakeWheel, **changes) -> assets.Asset:
  return make_wheel(
    pattern="tinyfaces/img/a.jpg",
    count=1,
    **{"file_sha256": hashlib.sha256(b"first").hexdigest(), **changes},
  )


def _nothing_left(cache: pathlib.Path) -> bool:
  return [p.name for p in cache.iterdir() if p.suffix != ".lock"] == []


def test_takes_the_wanted_files_only(make_wheel):
  make_wheel()
  assert not assets.is_present("tiny")
  folder = assets.fetch("tiny")
  assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
    "a.jpg": b"first",
    "b.jpg": b"second",
  }
  assert assets.is_present("tiny")


def test_is_fetched_once(make_wheel, shelf):
  asset = make_wheel()
  assets.fetch("tiny")
  (shelf / asset.wheel).unlink()
  assert len(list(assets.fetch("tiny").iterdir())) == 2


def test_single_file(make_wheel):
  _one_file(make_wheel)
  assert assets.fetch("tiny").read_bytes() == b"first"


def test_another_wheel_is_refused(make_wheel, tmp_path):
  make_wheel(sha256="0" * 64)
  with pytest.raises(errors.UserError, match="its SHA-256 is"):
    assets.fetch("tiny")
  assert _nothing_left(tmp_path / "cache")


def test_another_file_in_the_wheel_is_refused(make_wheel, tmp_path):
  _one_file(make_wheel, file_sha256="0" * 64)
  with pytest.raises(errors.UserError, match="a.jpg .* has not the SHA-256"):
    assets.fetch("tiny")
  assert _nothing_left(tmp_path / "cache")


def test_missing_members_are_refused(make_wheel, tmp_path):
  make_wheel(count=3)
  with pytest.raises(errors.UserError, match="holds 2 files .* not 3"):
    assets.fetch("tiny")
  assert _nothing_left(tmp_path / "cache")


def test_members_cannot_leave_the_folder(make_wheel, tmp_path):
  make_wheel({**_MEMBERS, "tinyfaces/img/../../../../c.jpg": b"third"}, count=3)
  folder = assets.fetch("tiny")
  assert sorted(p.name for p in folder.iterdir()) == ["a.jpg", "b.jpg", "c.jpg"]
  assert list(tmp_path.rglob("c.jpg")) == [folder / "c.jpg"]


def test_what_pip_says_is_passed_on(shelf, make_wheel, tmp_path):
  asset = make_wheel()
  (shelf / asset.wheel).unlink()
  with pytest.raises(errors.UserError) as error:
    assets.fetch("tiny")
  message = str(error.value)
  assert "cannot fetch tinyfaces 1.0 (two small files)" in message
  assert "No matching distribution found" in message
  assert "python -m pipeline fetch tiny --from FILE" in message
  assert "\n" not in message
  assert _nothing_left(tmp_path / "cache")


def test_source_distributions_are_not_run(shelf, make_wheel, tmp_path):
  asset = make_wheel()
  (shelf / asset.wheel).unlink()
  trace = tmp_path / "trace"
  setup = tmp_path / "setup.py"
  setup.write_text(f"open({str(trace)!r}, 'w')\n")
  with tarfile.open(shelf / "tinyfaces-1.0.tar.gz", "w:gz") as archive:
    archive.add(setup, "tinyfaces-1.0/setup.py")
  with pytest.raises(errors.UserError, match="cannot fetch"):
    assets.fetch("tiny")
  assert not trace.exists()


def test_from_a_wheel_at_hand(make_wheel, shelf, tmp_path):
  asset = make_wheel()
  wheel = (shelf / asset.wheel).rename(tmp_path / "downloaded.whl")
  assert (assets.fetch("tiny", wheel) / "a.jpg").is_file()


def test_from_the_file_itself(make_wheel, tmp_path):
  _one_file(make_wheel)
  file = tmp_path / "weights"
  file.write_bytes(b"first")
  assert assets.fetch("tiny", file).name == "a.jpg"


def test_from_a_wrong_file(make_wheel, tmp_path):
  make_wheel()
  assets.fetch("tiny")
  wrong = tmp_path / "wrong"
  wrong.write_bytes(b"something else")
  with pytest.raises(errors.UserError, match="is not tinyfaces-1.0-py3"):
    assets.fetch("tiny", wrong)
  with pytest.raises(errors.UserError, match="no such file"):
    assets.fetch("tiny", tmp_path / "nothing")
  assert assets.is_present("tiny")


def test_what_a_killed_process_left_does_not_count(make_wheel, tmp_path):
  make_wheel()
  leftover = tmp_path / "cache" / ".tiny-1.0.partial" / "files"
  leftover.mkdir(parents=True)
  (leftover / "a.jpg").write_bytes(b"fir")
  assert not assets.is_present("tiny")
  assert (assets.fetch("tiny") / "a.jpg").read_bytes() == b"first"
  assert not leftover.exists()


@pytest.mark.parametrize(
  "damage",
  [
    lambda folder: (folder / "a.jpg").unlink(),
    lambda folder: (folder / "a.jpg").write_bytes(b"fir"),
    lambda folder: (folder.parent / "complete.json").unlink(),
    lambda folder: (folder.parent / "complete.json").write_text("{"),
  ],
)
def test_a_damaged_copy_is_fetched_again(make_wheel, damage):
  make_wheel()
  damage(assets.fetch("tiny"))
  assert not assets.is_present("tiny")
  assert (assets.fetch("tiny") / "a.jpg").read_bytes() == b"first"
  assert assets.is_present("tiny")


def test_two_processes_at_once(tmp_path, sample_photos):
  """Each fills the same empty cache from the same wheel."""
  wheel = tmp_path / "sample.whl"
  with zipfile.ZipFile(wheel, "w") as archive:
    for path in sorted(sample_photos.iterdir()):
      archive.write(path, f"felonfinder/img/faces/{path.name}")
  program = (
    "import dataclasses, sys; from components.shared import assets; "
    "assets.ASSETS['sample'] = dataclasses.replace("
    "assets.ASSETS['sample'], sha256=assets.sha256_of(sys.argv[1])); "
    "print(len(list(assets.fetch('sample', sys.argv[1]).iterdir())))"
  )
  processes = [
    subprocess.Popen(
      [sys.executable, "-W", "ignore", "-c", program, str(wheel)],
      stdout=subprocess.PIPE,
      env={
        **os.environ,
        "FACES_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": os.pathsep.join(sys.path),
      },
    )
    for _ in range(2)
  ]
  assert [p.communicate()[0].strip() for p in processes] == [b"500"] * 2
  assert [p.returncode for p in processes] == [0, 0]
  assert not list((tmp_path / "cache").glob("*.partial"))


def test_cache_that_cannot_be_written(make_wheel, tmp_path, monkeypatch):
  make_wheel()
  (tmp_path / "file").write_text("in the way")
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "file" / "cache"))
  with pytest.raises(errors.UserError, match="FACES_CACHE"):
    assets.fetch("tiny")


def test_unknown_name():
  with pytest.raises(
    errors.UserError, match="there are: sample, facenet, face-finder, dcgan-digiface, vgg-face"
  ):
    assets.fetch("vggface")


def test_the_sample(sample_photos):
  names = sorted(p.name for p in sample_photos.iterdir())
  assert (len(names), names[0], names[-1]) == (500, "000007.jpg", "000506.jpg")


def test_facenets_weights(facenet_weights):
  assert assets.sha256_of(facenet_weights) == (assets.ASSETS["facenet"].file_sha256)


def test_a_damaged_note_counts_as_none(make_wheel, tmp_path):
  make_wheel()
  folder = assets.fetch("tiny")
  (folder.parent / "complete.json").write_bytes(b"\xff\xfe")
  assert not assets.is_present("tiny")
  assert assets.fetch("tiny") == folder


def test_a_wheel_that_is_no_zip(make_wheel, tmp_path):
  make_wheel()
  other = tmp_path / "other.whl"
  other.write_bytes(b"no zip")
  make_wheel(sha256=assets.sha256_of(other))
  with pytest.raises(errors.UserError, match="other.whl can't be unpacked"):
    assets.fetch("tiny", other)
