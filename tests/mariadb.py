"""A MariaDB server of the tests' own, out of two Debian packages."""

import contextlib
import getpass
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

import pymysql

_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
USER = "pipeline"
PASSWORD = "tést/p@ss:4711"
"""Has what a URL, latin-1 or a text proto would write otherwise."""
QUOTED_PASSWORD = "t%C3%A9st%2Fp%40ss%3A4711"


PACKAGES = "mariadb-server-core mariadb-client-core"


def is_installed() -> bool:
  return all(
    shutil.which(program, path=_PATH)
    for program in ("mariadbd", "mariadb-install-db", "my_print_defaults")
  )


class Server:
  """A running server.

  Attributes:
    port: on 127.0.0.1.
  """

  def __init__(self, folder: pathlib.Path, port: int):
    self._socket = str(folder / "socket")
    self.port = port

  def execute(self, *statements: str, database: str | None = None) -> list:
    """Rows of the last of them, executed by root."""
    with (
      contextlib.closing(
        pymysql.connect(
          unix_socket=self._socket,
          user="root",
          database=database,
          charset="utf8mb4",
          autocommit=True,
        )
      ) as client,
      client.cursor() as cursor,
    ):
      for statement in statements:
        cursor.execute(statement)
      return list(cursor.fetchall())

  def make_database(self, name: str) -> str:
    """An empty database on which USER may do all; its URL, no password."""
    self.execute(f"CREATE DATABASE {name}", f"GRANT ALL ON {name}.* TO '{USER}'@'%'")
    return self.url(name)

  def url(self, database: str, user: str = USER, password: str = "") -> str:
    colon = ":" if password else ""
    return f"mysql://{user}{colon}{password}@127.0.0.1:{self.port}/{database}"

  def dump(self, database: str) -> str:
    """Everything in all tables, as text."""
    tables = self.execute(f"SHOW TABLES FROM {database}")
    return "\n".join(
      str(row)
      for (table,) in tables
      for row in self.execute(f"SELECT * FROM `{table}`", database=database)
    )


@contextlib.contextmanager
def running() -> Iterator[Server]:
  """A server with nothing in it, ended with the block."""
  # Not pytest's folder: the path of a socket has to be short.
  with tempfile.TemporaryDirectory(prefix="mariadb-") as name:
    folder = pathlib.Path(name)
    with socket.socket() as free:
      free.bind(("127.0.0.1", 0))
      port = free.getsockname()[1]
    options = ["--no-defaults", f"--user={getpass.getuser()}", f"--datadir={folder / 'data'}"]
    environment = {**os.environ, "PATH": _PATH}
    subprocess.run(
      [
        "mariadb-install-db",
        *options,
        "--skip-test-db",
        "--auth-root-authentication-method=normal",
      ],
      check=True,
      capture_output=True,
      env=environment,
    )
    with open(folder / "log", "wb") as log:
      process = subprocess.Popen(
        [
          "mariadbd",
          *options,
          "--bind-address=127.0.0.1",
          f"--port={port}",
          f"--socket={folder / 'socket'}",
          f"--pid-file={folder / 'pid'}",
          "--loose-innodb-snapshot-isolation=OFF",
        ],
        stdout=log,
        stderr=log,
        env=environment,
      )
    server = Server(folder, port)
    try:
      _wait_for(server, process, folder / "log")
      # Anonymous accounts of the installation would come before '%'.
      server.execute(
        "DELETE FROM mysql.global_priv WHERE User = ''",
        "FLUSH PRIVILEGES",
        f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'",
      )
      yield server
    finally:
      process.terminate()
      process.wait()


def _wait_for(server: Server, process: subprocess.Popen, log: pathlib.Path) -> None:
  for _ in range(600):
    try:
      server.execute("SELECT 1")
      return
    except pymysql.MySQLError:
      assert process.poll() is None, log.read_text()[-2000:]
      time.sleep(0.1)
  raise AssertionError(f"no answer: {log.read_text()[-2000:]}")
