"""The folder that stands for object stores."""

import pytest

from components.shared.core import errors
from devtools.rehearsal import object_store


@pytest.fixture
def store(tmp_path):
  return object_store.ObjectStore(tmp_path / "store")


def test_folders_and_files_come_back(store, tmp_path):
  (tmp_path / "made" / "deep").mkdir(parents=True)
  (tmp_path / "made" / "deep" / "file").write_text("x")
  assert store.put(tmp_path / "made", "minio://bucket/run/made")
  store.get("minio://bucket/run/made", tmp_path / "got")
  assert (tmp_path / "got" / "deep" / "file").read_text() == "x"
  assert store.put(tmp_path / "got" / "deep" / "file", "s3://b/file")
  store.get("s3://b/file", tmp_path / "again")
  assert (tmp_path / "again").read_text() == "x"


def test_empty_folders_do_not_exist(store, tmp_path):
  (tmp_path / "empty").mkdir()
  assert not store.put(tmp_path / "empty", "gs://bucket/empty")
  with pytest.raises(errors.UserError, match="nothing is there"):
    store.get("gs://bucket/empty", tmp_path / "got")


@pytest.mark.parametrize("uri", ["/home/me/x", "gs://bucket/../../x", "gs:///etc/passwd", "gs://"])
def test_addresses_do_not_lead_out(store, uri):
  with pytest.raises(errors.UserError, match="not an address in an object store"):
    store.path(uri)


def test_a_place_that_cannot_be_written(tmp_path):
  (tmp_path / "file").write_text("")
  with pytest.raises(errors.UserError, match="can't be written"):
    object_store.ObjectStore(tmp_path / "file" / "store")
