"""The part of S3's protocol that Kubeflow's launcher uses, over a folder."""

import http.server
import io
import pathlib
import shutil
import threading
import urllib.parse
import uuid
from collections.abc import Iterator
from xml.sax import saxutils


def serve(port: int, folder: pathlib.Path) -> http.server.ThreadingHTTPServer:
  """Serves `folder/bucket/key` on loopback; keys that end in / don't exist.

  Signatures are not looked at.
  """

  class Handler(_Handler):
    root = folder

  server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
  threading.Thread(target=server.serve_forever, daemon=True).start()
  return server


class _Handler(http.server.BaseHTTPRequestHandler):
  root: pathlib.Path
  protocol_version = "HTTP/1.1"

  def do_GET(self) -> None:
    path, query = self._asked()
    if "list-type" in query:
      self._list(path, query)
    elif not path.is_file():
      self._answer(404, _xml("Error", "<Code>NoSuchKey</Code>"))
    else:
      self._send(path)

  def do_HEAD(self) -> None:
    path, _ = self._asked()
    if not path.exists():
      self._answer(404)
    elif path.is_dir():  # A bucket.
      self._answer(200)
    else:
      self._send(path)

  def do_PUT(self) -> None:
    path, query = self._asked()
    if "partNumber" in query:
      path = self._parts(query["uploadId"]) / f"{int(query['partNumber']):05d}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
      for block in self._body():
        stream.write(block)
    self._answer(200, headers={"ETag": '"0"'})

  def do_POST(self) -> None:
    path, query = self._asked()
    for _ in self._body():
      pass
    if "uploads" in query:
      upload = uuid.uuid4().hex
      self._parts(upload).mkdir(parents=True)
      self._answer(200, _xml("InitiateMultipartUploadResult", f"<UploadId>{upload}</UploadId>"))
      return
    parts = self._parts(query["uploadId"])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
      for part in sorted(parts.iterdir()):
        stream.write(part.read_bytes())
    shutil.rmtree(parts)
    self._answer(200, _xml("CompleteMultipartUploadResult", '<ETag>"0"</ETag>'))

  def _asked(self) -> tuple[pathlib.Path, dict[str, str]]:
    parts = urllib.parse.urlsplit(self.path)
    names = [name for name in urllib.parse.unquote(parts.path).split("/") if name]
    if ".." in names:
      raise ValueError(self.path)
    return self.root.joinpath(*names), dict(
      urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
    )

  def _parts(self, upload: str) -> pathlib.Path:
    return self.root / ".uploads" / uuid.UUID(upload).hex

  def _list(self, bucket: pathlib.Path, query: dict[str, str]) -> None:
    prefix = query.get("prefix", "")
    keys = sorted(str(path.relative_to(bucket)) for path in bucket.rglob("*") if path.is_file())
    found = "".join(
      f"<Contents><Key>{saxutils.escape(key)}</Key><Size>{(bucket / key).stat().st_size}</Size>"
      "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
      for key in keys
      if key.startswith(prefix)
    )
    self._answer(200, _xml("ListBucketResult", f"<IsTruncated>false</IsTruncated>{found}"))

  def _body(self) -> Iterator[bytes]:
    """What is sent, without the signatures between its blocks."""
    if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
      yield from _blocks(self.rfile, int(self.headers.get("Content-Length", 0)))
      return
    while size := int(self.rfile.readline().partition(b";")[0], 16):
      yield from _blocks(self.rfile, size)
      self.rfile.readline()
    while self.rfile.readline().strip():
      pass

  def _send(self, path: pathlib.Path) -> None:
    with path.open("rb") as stream:
      size = path.stat().st_size
      first, last = 0, size - 1
      asked = self.headers.get("Range")
      if asked:
        start, _, end = asked.removeprefix("bytes=").partition("-")
        first, last = int(start), min(int(end or last), last)
      self.send_response(206 if asked else 200)
      self.send_header("Content-Length", str(last - first + 1))
      self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
      self.send_header("ETag", '"0"')
      self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
      self.end_headers()
      if self.command != "HEAD":
        stream.seek(first)
        for block in _blocks(stream, last - first + 1):
          self.wfile.write(block)

  def _answer(self, status: int, body: str = "", headers: dict[str, str] | None = None) -> None:
    self.send_response(status)
    self.send_header("Content-Length", str(len(body.encode())))
    for name, value in (headers or {}).items():
      self.send_header(name, value)
    self.end_headers()
    if self.command != "HEAD":
      self.wfile.write(body.encode())

  def log_message(self, *_) -> None:
    """Keeps quiet."""


def _blocks(stream: io.BufferedIOBase, size: int) -> Iterator[bytes]:
  while size:
    block = stream.read(min(size, 1 << 20))
    if not block:
      raise EOFError
    size -= len(block)
    yield block


def _xml(name: str, content: str) -> str:
  return (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{content}</{name}>'
  )
