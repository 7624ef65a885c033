"""ML Metadata: in a file of the run, or in a database on a MySQL server."""

import contextlib
import os
import pathlib
from collections.abc import Iterator

import pymysql
from ml_metadata import errors as mlmd_errors
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from pymysql import cursors
from pymysql.constants import ER

from components.shared.core import errors
from pipeline import metadata_url

_SECONDS = 10
"""Within which a server has to answer."""
_ISOLATION = "innodb_snapshot_isolation"


def connection(url: str | None, file: pathlib.Path) -> metadata_store_pb2.ConnectionConfig:
  """How ML Metadata is reached.

  Args:
    url: `runtime.metadata`; None for the file.
    file: SQLite's.
  """
  if url is None:
    sqlite = metadata_store_pb2.SqliteMetadataSourceConfig
    return metadata_store_pb2.ConnectionConfig(
      sqlite=sqlite(filename_uri=str(file.absolute()), connection_mode=sqlite.READWRITE_OPENCREATE)
    )
  server = metadata_url.parse(url)
  return metadata_store_pb2.ConnectionConfig(
    mysql=metadata_store_pb2.MySQLDatabaseConfig(
      host=_host(server),
      port=server.port,
      user=server.user,
      database=server.database,
      skip_db_creation=True,
    ),
    # Pipelines that start together and make the same types are aborted by
    # turns, and try again; 5 times is ML Metadata's own choice.
    retry_options=metadata_store_pb2.RetryOptions(max_num_retries=20),
  )


def prepare(url: str | None, file: pathlib.Path | None = None) -> None:
  """Sees that ML Metadata's database and its tables are there; a file need not be.

  Args:
    url: `runtime.metadata`; None for the file.
    file: SQLite's, to look at it as well.

  Raises:
    UserError: what is wrong with the server, the account, the database or the file.
  """
  if url is None:
    if file is not None and file.exists():
      _check_file(file)
    return
  server = metadata_url.parse(url)
  try:
    with contextlib.closing(_log_in(server)) as client, client.cursor() as cursor:
      _check_isolation(cursor, server)
      _choose_database(client, cursor, server)
      with _alone(cursor, server):
        metadata_store.MetadataStore(connection(url, pathlib.Path()))
  except pymysql.MySQLError as error:
    raise errors.UserError(f"{server}: {_reason(error, server)}") from None
  except (RuntimeError, mlmd_errors.StatusError) as error:
    reason = str(error).strip().partition("\n")[0]
    raise errors.UserError(
      f"{server}: ML Metadata can't use this database ({reason}); its "
      "client logs in by mysql_native_password, without TLS, and makes "
      "tables of its own"
    ) from None


def _check_file(file: pathlib.Path) -> None:
  try:
    metadata_store.MetadataStore(connection(None, file))
  except (RuntimeError, mlmd_errors.StatusError) as error:
    said = " ".join(str(error).split())
    if "greater than library version" in said:
      raise errors.UserError(
        f"{file}: a newer ML Metadata wrote it than this environment has; use the newer "
        "environment, or another --name"
      ) from None
    if any(words in said for words in ("malformed", "not a database", "disk I/O")):
      raise errors.UserError(
        f"{file}: is damaged; delete the folder {file.parent} and run again, or choose another "
        "--name"
      ) from None
    if not os.access(file, os.W_OK) or "readonly" in said:
      raise errors.UserError(
        f"{file}: can't be written; ask for the right to write it, or choose another --name"
      ) from None
    raise errors.UserError(
      f"{file}: ML Metadata can't use it ({said[:200]}); choose another --name"
    ) from None


def _host(server: metadata_url.MetadataUrl) -> str:
  # For "localhost" the client would use a socket's file, and ignore the port.
  return "127.0.0.1" if server.host == "localhost" else server.host


def _log_in(server: metadata_url.MetadataUrl) -> pymysql.Connection:
  # ML Metadata's own errors don't tell a wrong password from a wrong port.
  return pymysql.connect(
    host=_host(server),
    port=server.port,
    user=server.user,
    password=os.fsencode(os.environ.get(metadata_url.PASSWORD_VARIABLE, "")),
    connect_timeout=_SECONDS,
    read_timeout=_SECONDS,
    write_timeout=_SECONDS,
  )


def _check_isolation(cursor: cursors.Cursor, server: metadata_url.MetadataUrl) -> None:
  """Refuses what MariaDB has done by default since 11.6.2.

  Reads with a lock, as all of ML Metadata's are, then fail where another
  client has written meanwhile (ER_CHECKREAD), and ML Metadata doesn't try them
  again: of components that run at once, one would fail now and then.
  """
  cursor.execute(f"SHOW GLOBAL VARIABLES LIKE '{_ISOLATION}'")
  if (cursor.fetchone() or ("", "OFF"))[1] != "OFF":
    raise errors.UserError(
      f"{server}: {_ISOLATION} is ON, with which MariaDB lets reads fail "
      "that ML Metadata doesn't try again; start the server with "
      f"{_ISOLATION}=OFF, or have SET GLOBAL {_ISOLATION}=OFF executed there"
    )


def _choose_database(
  client: pymysql.Connection, cursor: cursors.Cursor, server: metadata_url.MetadataUrl
) -> None:
  """Makes the database if there is none and the account may."""
  try:
    client.select_db(server.database)
  except pymysql.MySQLError as error:
    if error.args[0] != ER.BAD_DB_ERROR:
      raise
    cursor.execute(f"CREATE DATABASE IF NOT EXISTS {server.database}")


@contextlib.contextmanager
def _alone(cursor: cursors.Cursor, server: metadata_url.MetadataUrl) -> Iterator[None]:
  """Keeps others from making ML Metadata's tables at the same time.

  The lock goes with the connection.
  """
  name = f"mlmd:{server.database}"[:64]
  for _ in range(12):
    cursor.execute("SELECT GET_LOCK(%s, %s)", (name, _SECONDS // 2))
    if cursor.fetchone()[0] == 1:
      yield
      return
  raise errors.UserError(
    f"{server}: another run has been making its tables for a minute; look "
    f"who holds the lock {name!r}"
  )


def _reason(error: pymysql.MySQLError, server: metadata_url.MetadataUrl) -> str:
  """What to do about an error of the server."""
  code, said = (*error.args, "", "")[:2]
  said = " ".join(str(said).split())
  if code == ER.ACCESS_DENIED_ERROR:
    return (
      f"{said}; the password is taken from the environment variable "
      f"{metadata_url.PASSWORD_VARIABLE} or from --metadata"
    )
  if code == ER.DBACCESS_DENIED_ERROR:
    return (
      f"{said}; there is no such database, or {server.user} has no "
      "rights there: ask for it to be created, with ALL granted on it"
    )
  if code in vars(ER).values():
    return said
  return f"{said or type(error).__name__}; is a MySQL server there?"
