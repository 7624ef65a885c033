"""A web server on this machine that can be told to misbehave."""

import dataclasses
import hashlib
import http.server
import os
import pathlib
import random
import sys
import threading

import pytest

from components.shared import assets

CONTENT = random.Random(0).randbytes(2_000_000)


class Server(http.server.ThreadingHTTPServer):
  """Gives one file, whatever the path.

  Attributes:
    content: the file.
    etag: its entity tag, or None.
    ranges: "If-Range" knows all of RFC 9110, "Range" sends the part of
      whatever file there is now, "" always sends the whole.
    counted: whether a response says how long it is.
    cuts: for each coming response, after how many bytes it breaks off.
    statuses: of the coming responses, in place of the file.
    redirects: where each coming request is sent.
    headers: more headers of every response.
    gate: while it is cleared, responses stop half-way.
    seen: headers of all requests so far.
  """

  daemon_threads = True

  def __init__(self):
    super().__init__(("127.0.0.1", 0), _Handler)
    self.content = CONTENT
    self.etag: str | None = '"one"'
    self.ranges = "If-Range"
    self.counted = True
    self.cuts: list[int] = []
    self.statuses: list[int] = []
    self.redirects: list[str] = []
    self.headers: dict[str, str] = {}
    self.gate = threading.Event()
    self.gate.set()
    self.seen: list[dict[str, str]] = []

  def url(self, path: str = "weights.h5", host: str = "127.0.0.1") -> str:
    return f"http://{host}:{self.server_address[1]}/{path}"

  def asked(self) -> list[str | None]:
    """What part of the file each request asked for."""
    return [headers.get("Range") for headers in self.seen]


class _Handler(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    server = self.server
    server.seen.append(dict(self.headers))
    if server.redirects:
      self._answer(302, b"", {"Location": server.redirects.pop(0)})
    elif server.statuses:
      self._answer(server.statuses.pop(0), b"an error page", {})
    else:
      self._send_file(self._first_byte())

  def _first_byte(self) -> int | None:
    server, asked = self.server, self.headers.get("Range")
    known = self.headers.get("If-Range")
    if asked is None or not server.ranges:
      return None
    if server.ranges == "If-Range" and known not in (None, server.etag):
      return None
    return int(asked.removeprefix("bytes=").removesuffix("-"))

  def _send_file(self, first: int | None):
    content = self.server.content
    size = len(content)
    tag = {"ETag": self.server.etag} if self.server.etag else {}
    if first is None:
      self._answer(200, content, tag)
    elif first >= size:
      self._answer(416, b"", {"Content-Range": f"bytes */{size}"})
    else:
      self._answer(
        206, content[first:], {**tag, "Content-Range": f"bytes {first}-{size - 1}/{size}"}
      )

  def _answer(self, status, content, headers):
    server = self.server
    self.send_response(status)
    if server.counted:
      self.send_header("Content-Length", str(len(content)))
    for name, value in {**headers, **server.headers}.items():
      self.send_header(name, value)
    self.end_headers()
    end = server.cuts.pop(0) if server.cuts and content else len(content)
    try:
      self.wfile.write(content[: end // 2])
      server.gate.wait()
      self.wfile.write(content[end // 2 : end])
    except OSError:  # the client was killed
      pass
    self.close_connection = True

  def log_message(self, format, *args):
    pass


@pytest.fixture
def server():
  server = Server()
  thread = threading.Thread(
    target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01}
  )
  thread.start()
  yield server
  server.gate.set()
  server.shutdown()
  server.server_close()
  thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch) -> pathlib.Path:
  """An empty cache."""
  folder = tmp_path / "cache"
  folder.mkdir()
  monkeypatch.setenv("FACES_CACHE", str(folder))
  return folder


@pytest.fixture
def asset(server) -> assets.WebAsset:
  """The server's file, as published."""
  return assets.WebAsset(
    name="tiny",
    description="a small file",
    licence="none",
    url=server.url(),
    mirror="https://mirror.invalid/weights.h5",
    size=len(CONTENT),
    file_sha256=hashlib.sha256(CONTENT).hexdigest(),
    by_default=False,
  )


@pytest.fixture
def program(asset, cache):
  """program(text): a command that runs text, which knows of `asset`."""

  def _command(text: str) -> dict[str, object]:
    lines = (
      "import pathlib, resource, sys",
      "from components.shared.core import errors",
      "from components.shared.assets import catalogue, web",
      f"asset = catalogue.WebAsset(**{dataclasses.asdict(asset)!r})",
      text,
    )
    return {
      "args": [sys.executable, "-W", "ignore", "-c", "\n".join(lines)],
      "env": {**os.environ, "FACES_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(sys.path)},
    }

  return _command
