"""ML Metadata on a MySQL server: what is refused, and what others may do."""

import contextlib
import dataclasses
import pathlib
import socket
import sqlite3
import subprocess
import sys

import pytest
from ml_metadata.metadata_store import metadata_store as mlmd
from ml_metadata.proto import metadata_store_pb2

from components.shared.core import errors
from pipeline import config as config_lib
from pipeline import lineage, metadata_store, run_folder
from tests import mariadb

_ROOT = pathlib.Path(__file__).parents[2]
_NOWHERE = pathlib.Path("none.sqlite")
# Makes what TFX makes, as soon as it is told to.
_WRITER = """
import sys
from ml_metadata.metadata_store import metadata_store as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb
import pathlib
from pipeline import metadata_store

url, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
metadata_store.prepare(url)
store = mlmd.MetadataStore(metadata_store.connection(url, pathlib.Path("none")))
for number in range(10):
  artifact_type = store.put_artifact_type(
      pb.ArtifactType(name=f"type-{number}", properties={"span": pb.INT}),
      can_add_fields=True, can_omit_fields=True)
  store.put_artifacts([pb.Artifact(type_id=artifact_type, uri=name)])
"""


@pytest.fixture(autouse=True)
def password(monkeypatch):
  monkeypatch.setenv("MYSQL_PWD", mariadb.PASSWORD)


@pytest.fixture
def config(tmp_path):
  return config_lib.Config(runtime=config_lib.RuntimeSettings(output=str(tmp_path / "output")))


def refused(url):
  with pytest.raises(errors.UserError) as raised:
    metadata_store.prepare(url)
  said = str(raised.value)
  assert "\n" not in said and mariadb.PASSWORD not in said
  assert said.startswith(url)
  return said


def test_a_file_needs_nothing(tmp_path):
  metadata_store.prepare(None)
  connection = metadata_store.connection(None, tmp_path / "m.sqlite")
  assert connection.sqlite.filename_uri == str(tmp_path / "m.sqlite")


def _file(folder):
  file = folder / "metadata.sqlite"
  mlmd.MetadataStore(metadata_store.connection(None, file))
  return file


def test_a_file_of_a_newer_ml_metadata_is_refused(tmp_path):
  file = _file(tmp_path)
  metadata_store.prepare(None, file)
  with contextlib.closing(sqlite3.connect(file)) as database:
    database.execute("UPDATE MLMDEnv SET schema_version = 99")
    database.commit()
  with pytest.raises(errors.UserError, match="metadata.sqlite: a newer ML Metadata wrote it"):
    metadata_store.prepare(None, file)


@pytest.mark.parametrize("content", [lambda whole: whole[:3000], lambda whole: b"no database" * 99])
def test_a_damaged_file_is_refused(tmp_path, content):
  file = _file(tmp_path)
  file.write_bytes(content(file.read_bytes()))
  with pytest.raises(errors.UserError, match="metadata.sqlite: is damaged; delete the folder"):
    metadata_store.prepare(None, file)


def test_no_file_is_made(tmp_path):
  metadata_store.prepare(None, tmp_path / "metadata.sqlite")
  assert not list(tmp_path.iterdir())


def test_nobody_answers():
  with socket.socket() as unused:
    unused.bind(("127.0.0.1", 0))
    port = unused.getsockname()[1]
    assert "Connection refused" in refused(f"mysql://me@127.0.0.1:{port}/runs")


def test_what_answers_is_no_server(monkeypatch):
  monkeypatch.setattr(metadata_store, "_SECONDS", 1)
  with socket.create_server(("127.0.0.1", 0)) as silent:
    port = silent.getsockname()[1]
    assert "is a MySQL server there?" in refused(f"mysql://me@127.0.0.1:{port}/runs")


def test_wrong_password(mysql_server, monkeypatch):
  url = mysql_server.make_database("locked")
  monkeypatch.setenv("MYSQL_PWD", "wr0ng")
  said = refused(url)
  assert "Access denied" in said and "MYSQL_PWD" in said
  assert "wr0ng" not in said


def test_database_without_rights(mysql_server):
  mysql_server.execute("CREATE DATABASE of_others")
  for name in ("of_others", "missing"):
    assert "there is no such database, or pipeline has no rights" in refused(mysql_server.url(name))


def test_account_that_may_not_make_tables(mysql_server):
  mysql_server.execute("CREATE DATABASE to_read", "GRANT SELECT ON to_read.* TO 'pipeline'@'%'")
  assert "ML Metadata can't use this database" in refused(mysql_server.url("to_read"))


def test_a_database_is_made_where_that_is_allowed(mysql_server):
  mysql_server.execute(
    f"CREATE USER 'maker'@'%' IDENTIFIED BY '{mariadb.PASSWORD}'", "GRANT ALL ON *.* TO 'maker'@'%'"
  )
  url = mysql_server.url("made", user="maker")
  for _ in range(2):
    metadata_store.prepare(url)
  assert mysql_server.execute("SELECT schema_version FROM made.MLMDEnv")
  assert not lineage.latest_run(metadata_store.connection(url, _NOWHERE), "x")


def test_a_server_whose_reads_fail_now_and_then(mysql_server):
  variable = "innodb_snapshot_isolation"
  if not mysql_server.execute(f"SHOW VARIABLES LIKE '{variable}'"):
    pytest.skip("this MariaDB is older than that variable")
  url = mysql_server.make_database("snapshots")
  mysql_server.execute(f"SET GLOBAL {variable}=ON")
  try:
    assert f"start the server with {variable}=OFF" in refused(url)
  finally:
    mysql_server.execute(f"SET GLOBAL {variable}=OFF")
  metadata_store.prepare(url)


def test_the_host_localhost_has_a_port(mysql_server):
  url = mysql_server.make_database("by_name").replace("127.0.0.1", "localhost")
  metadata_store.prepare(url)
  mlmd.MetadataStore(metadata_store.connection(url, _NOWHERE))


def test_many_start_on_an_empty_database(mysql_server):
  url = mysql_server.make_database("crowded")
  writers = [
    subprocess.Popen(
      [sys.executable, "-c", _WRITER, url, f"writer-{number}"],
      cwd=_ROOT,
      stdin=subprocess.PIPE,
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      text=True,
    )
    for number in range(4)
  ]
  for writer in writers:
    assert writer.stdout.readline() == "ready\n", writer.stderr.read()
  for writer in writers:
    writer.stdin.write("\n")
    writer.stdin.flush()
  for writer in writers:
    _, said = writer.communicate()
    assert writer.returncode == 0, said
  store = mlmd.MetadataStore(metadata_store.connection(url, _NOWHERE))
  names = [kind.name for kind in store.get_artifact_types() if kind.name.startswith("type-")]
  assert sorted(names) == [f"type-{number}" for number in range(10)]
  for name in names:
    assert {artifact.uri for artifact in store.get_artifacts_by_type(name)} == {
      f"writer-{number}" for number in range(4)
    }


def test_a_run_among_others(tmp_path):
  """Both runs have begun before either makes its second component."""
  connection = metadata_store.connection(None, tmp_path / "m.sqlite")
  store = mlmd.MetadataStore(connection)
  types = {
    name: store.put_context_type(metadata_store_pb2.ContextType(name=name))
    for name in ("pipeline", "pipeline_run", "node")
  }
  work = store.put_execution_type(metadata_store_pb2.ExecutionType(name="Work"))
  for component, run in (("First", 1), ("First", 2), ("Second", 2)):
    for pipeline in ("mine", "theirs", "mine-2"):
      contexts = [
        metadata_store_pb2.Context(type_id=types["pipeline"], name=pipeline),
        metadata_store_pb2.Context(type_id=types["pipeline_run"], name=f"{pipeline}, run {run}"),
        metadata_store_pb2.Context(type_id=types["node"], name=f"{pipeline}.{component}"),
      ]
      artifacts = metadata_store_pb2.ArtifactType(name="Data")
      made = metadata_store_pb2.Artifact(
        type_id=store.put_artifact_type(artifacts), uri=f"{pipeline}/{component}/{run}"
      )
      event = metadata_store_pb2.Event(type=metadata_store_pb2.Event.OUTPUT)
      event.path.steps.add().key = "data"
      store.put_execution(
        metadata_store_pb2.Execution(type_id=work),
        [(made, event)],
        contexts,
        reuse_context_if_already_exist=True,
      )
  found = lineage.latest_run(connection, "mine")
  assert {name: component.outputs for name, component in found.items()} == {
    "First": {"data": ["mine/First/2"]},
    "Second": {"data": ["mine/Second/2"]},
  }
  assert list(found) == ["First", "Second"]
  assert not lineage.latest_run(connection, "of nobody")


def test_a_folder_keeps_its_database_and_its_name_there(config):
  def with_metadata(url):
    return dataclasses.replace(config, runtime=dataclasses.replace(config.runtime, metadata=url))

  first = with_metadata("mysql://me@host/runs")
  with run_folder.claimed(first) as folder:
    name = folder.places(first).pipeline_name
  assert name.startswith("sample-")
  with run_folder.claimed(with_metadata("mysql://you@host:3306/runs")) as again:
    assert again.places(first).pipeline_name == name
  for other in (None, "mysql://me@host/others", "mysql://me@elsewhere/runs"):
    with pytest.raises(errors.UserError, match="metadata is 'host:3306/runs'"):
      with run_folder.claimed(with_metadata(other)):
        pass
