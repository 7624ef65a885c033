"""Installing one file: the published one, or another in its place."""

import hashlib
import pathlib
import subprocess

import pytest

from components.shared import assets
from components.shared.assets import urls, web
from components.shared.core import errors

_OTHER = b"weights in another layout"


def _refuse(path: pathlib.Path) -> None:
  raise errors.UserError(f"{path}: conv1_1 is missing")


def _accept(path: pathlib.Path) -> None:
  assert path.read_bytes() == _OTHER


@pytest.fixture
def other(tmp_path) -> pathlib.Path:
  path = tmp_path / "other weights.mat"
  path.write_bytes(_OTHER)
  return path


def _left(cache, asset):
  """All that is in the asset's folder, but for the marker."""
  return sorted(
    str(p.relative_to(cache / asset.name))
    for p in (cache / asset.name).rglob("*")
    if p.is_file() and p.name != "installed.json"
  )


def test_installs_the_published_file(server, asset, cache):
  assert web.installed(asset) is None
  assert web.installed_sha256(asset) is None
  path = web.fetch(asset)
  assert path.name == "weights.h5" and path.read_bytes() == server.content
  assert web.installed(asset) == path
  assert web.installed_sha256(asset) == asset.file_sha256
  assert _left(cache, asset) == [str(path.relative_to(cache / asset.name))]


def test_is_fetched_once(server, asset, cache):
  del cache
  assert web.fetch(asset) == web.fetch(asset)
  assert web.fetch(asset) == web.fetch(asset, server.url())
  assert len(server.seen) == 1


def test_published_contents_need_no_other_check(server, asset, cache, tmp_path):
  del cache
  copy = tmp_path / "copy"
  copy.write_bytes(server.content)
  assert web.fetch(asset, copy, _refuse).read_bytes() == server.content
  assert not server.seen


def test_a_wrong_hash(server, asset, cache):
  server.content = server.content[::-1]
  with pytest.raises(errors.UserError) as error:
    web.fetch(asset, verify=_refuse)
  said = str(error.value)
  assert hashlib.sha256(server.content).hexdigest() in said
  assert asset.file_sha256 in said and "it is deleted" in said
  assert not _left(cache, asset) and web.installed(asset) is None
  server.content = server.content[::-1]
  web.fetch(asset)
  assert server.asked() == [None, None]


def test_another_file(asset, cache, other):
  path = web.fetch(asset, other, _accept)
  assert path.name == "other_weights.mat" and path.read_bytes() == _OTHER
  assert web.installed(asset) == path
  assert web.installed_sha256(asset) == hashlib.sha256(_OTHER).hexdigest()
  assert other.exists() and len(_left(cache, asset)) == 1


def test_another_file_from_a_url(server, asset, cache):
  server.content = _OTHER
  url = server.url("..%2F%00odd?name=weights", host="user:secret@127.0.0.1")
  path = web.fetch(asset, url, _accept)
  assert path.parent.parent == cache / asset.name
  assert path.read_bytes() == _OTHER
  assert web.fetch(asset, url) == path
  assert len(server.seen) == 1
  assert not any(b"secret" in p.read_bytes() for p in cache.rglob("*") if p.is_file())


def test_another_file_replaces_the_former(server, asset, cache, other):
  first = web.fetch(asset)
  second = web.fetch(asset, other, _accept)
  assert web.installed(asset) == second and not first.exists()
  assert web.fetch(asset) == second  # any installed file will do
  assert web.fetch(asset, server.url()).read_bytes() == server.content
  assert len(_left(cache, asset)) == 1


def test_a_refused_file_replaces_nothing(server, asset, cache, other):
  path = web.fetch(asset)
  with pytest.raises(errors.UserError) as error:
    web.fetch(asset, other, _refuse)
  assert str(error.value) == f"{other}: conv1_1 is missing"
  assert web.installed(asset) == path
  server.content = _OTHER
  with pytest.raises(errors.UserError) as error:
    web.fetch(asset, server.url("other.mat?token=secret"), _refuse)
  assert str(error.value) == f"{server.url('other.mat')}: conv1_1 is missing"
  assert web.installed(asset) == path
  assert _left(cache, asset) == [str(path.relative_to(cache / asset.name))]


def test_unchecked_files_are_not_installed(asset, cache, other):
  with pytest.raises(errors.UserError, match="is not weights.h5 as it was"):
    web.fetch(asset, other)
  assert not _left(cache, asset)


def test_the_published_size_with_other_contents(server, asset, cache, tmp_path):
  """A damaged copy may still have all layers in all the right shapes."""
  del cache
  damaged = tmp_path / "damaged.h5"
  damaged.write_bytes(b"\0" + server.content[1:])
  with pytest.raises(errors.UserError, match="SHA-256"):
    web.fetch(asset, damaged, lambda path: None)
  assert damaged.exists()


@pytest.mark.parametrize(
  "damage",
  [
    lambda file, marker: file.unlink(),
    lambda file, marker: file.write_bytes(b"short"),
    lambda file, marker: marker.unlink(),
    lambda file, marker: marker.write_text("{"),
    lambda file, marker: marker.write_text("{}"),
    lambda file, marker: marker.write_text("[]"),
  ],
)
def test_a_damaged_copy_is_fetched_again(server, asset, cache, damage):
  damage(web.fetch(asset), cache / asset.name / "installed.json")
  assert web.installed(asset) is None and web.installed_sha256(asset) is None
  assert web.fetch(asset).read_bytes() == server.content


@pytest.mark.parametrize(
  "url",
  [
    "http://weights.invalid/file",
    "ftp://127.0.0.1/file",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "http://127.0.0.1.invalid/",
    "http://user:secret@weights.invalid/file?secret",
    "http://127.0.0.1@weights.invalid/",
    "http://weights.invalid\\@127.0.0.1/",
    "http://127.1/",
    "http:///file",
    "https://",
    "https://[::1",
    "http://a b/",
    "ftp://secret:secret@a/\nb",
    "https://user:secret@host:port/",
  ],
)
def test_urls_that_are_not_fetched(asset, cache, url):
  with pytest.raises(errors.UserError) as error:
    web.fetch(asset, url)
  assert "secret" not in str(error.value) and "\n" not in str(error.value)
  assert not list(cache.iterdir())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_needs_no_https(host):
  urls.check(f"http://{host}:80/file")
  urls.check("https://weights.invalid/file")


def test_no_such_file(asset, cache, tmp_path):
  for path in (tmp_path / "nothing", tmp_path):
    with pytest.raises(errors.UserError, match="there is no such file"):
      web.fetch(asset, path)
  assert not list(cache.iterdir())


def test_a_cache_that_cannot_be_written(asset, tmp_path, monkeypatch, other):
  (tmp_path / "file").write_text("in the way")
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "file" / "cache"))
  for source in (None, other):
    with pytest.raises(errors.UserError, match="FACES_CACHE"):
      web.fetch(asset, source, _accept)


def test_two_processes_at_once(server, asset, cache, program):
  del cache
  processes = [
    subprocess.Popen(**program("print(web.fetch(asset))"), stdout=subprocess.PIPE) for _ in range(2)
  ]
  first, second = [p.communicate(timeout=100)[0] for p in processes]
  assert first == second and first.strip()
  assert [p.returncode for p in processes] == [0, 0]
  assert len(server.seen) == 1


def test_vgg_face_as_the_deepface_package_names_it():
  asset = assets.ASSETS["vgg-face"]
  assert asset.file == "vgg_face_weights.h5" and not asset.by_default
  assert asset.url.startswith("https://github.com/serengil/deepface_models/")
  assert asset.size == 580_085_408
  urls.check(asset.url)
  urls.check(asset.mirror)


def test_wheels_are_not_taken_from_urls(cache):
  with pytest.raises(errors.UserError, match="from a file, not from a URL"):
    assets.fetch("facenet", "https://weights.invalid/facenet")
  assert not list(cache.iterdir())


def test_asking_by_name(cache):
  assert assets.installed("vgg-face") is None
  assert assets.installed_sha256("vgg-face") is None
  assert assets.installed("sample") is None
  assert not list(cache.iterdir())


def test_hash_of_a_single_file_and_of_many(facenet_weights, sample_photos):
  assert assets.installed("facenet") == facenet_weights
  assert assets.installed_sha256("facenet") == (assets.ASSETS["facenet"].file_sha256)
  assert assets.installed("sample") == sample_photos
  assert assets.installed_sha256("sample") is None
