"""Downloads from a server that cuts, refuses, redirects and changes."""

import dataclasses
import datetime
import pathlib
import signal
import socket
import ssl
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from components.shared.assets import cache as cache_lib
from components.shared.assets import download, web
from components.shared.core import errors

_PART = 900_000


@pytest.fixture
def path(cache) -> pathlib.Path:
  return cache / "file.partial"


def _download(url, path, **changes):
  download.download(url, path, **{"label": "test", "pauses": (0, 0), **changes})


@pytest.fixture
def begun(server, path):
  """Part of the file is here already; the server is well again."""
  server.cuts = [_PART]
  with pytest.raises(download.DownloadError, match="0.. MB received so far"):
    _download(server.url(), path, pauses=())
  length = path.stat().st_size
  assert _PART - (1 << 17) < length <= _PART
  assert path.read_bytes() == server.content[:length]
  server.seen.clear()
  return length


def test_whole(server, path):
  _download(server.url(), path)
  assert path.read_bytes() == server.content
  assert server.asked() == [None]


def test_goes_on_by_itself(server, path):
  server.cuts = [_PART, 700_000]
  _download(server.url(), path)
  assert path.read_bytes() == server.content
  first, second, third = server.asked()
  assert first is None
  assert 0 < int(second[6:-1]) <= _PART < int(third[6:-1])


def test_megabytes_of_progress_do_not_use_up_the_tries(server, path):
  server.content = server.content * 3
  server.cuts = [1_200_000] * 4
  _download(server.url(), path, pauses=(0,))
  assert path.read_bytes() == server.content
  assert len(server.seen) == 5


def test_goes_on_later(server, path, begun):
  _download(server.url(), path)
  assert path.read_bytes() == server.content
  assert server.asked() == [f"bytes={begun}-"]
  assert server.seen[0]["If-Range"] == '"one"'


@pytest.mark.parametrize(
  "etag, modified, sent",
  [
    ('W/"weak"', None, None),
    ('W/"weak"', "Mon, 05 Jan 2015 10:00:00 GMT", "Mon, 05 Jan 2015 10:00:00 GMT"),
    (None, None, None),
  ],
)
def test_without_a_strong_tag(server, path, etag, modified, sent):
  server.etag, server.cuts = etag, [_PART]
  server.ranges = "Range"
  server.headers = {"Last-Modified": modified} if modified else {}
  _download(server.url(), path)
  assert path.read_bytes() == server.content
  assert server.seen[1].get("If-Range") == sent


@pytest.mark.parametrize("ranges", ["If-Range", "Range", ""])
def test_a_file_that_has_changed_is_fetched_anew(server, path, begun, ranges):
  server.content, server.etag = server.content[::-1], '"two"'
  server.ranges = ranges
  _download(server.url(), path)
  assert path.read_bytes() == server.content
  assert server.asked()[0] == f"bytes={begun}-"


def test_a_file_of_another_length_is_fetched_anew(server, path):
  server.etag, server.ranges, server.cuts = None, "Range", [_PART]
  with pytest.raises(download.DownloadError):
    _download(server.url(), path, pauses=())
  server.content = server.content[::-1][:1_500_000]
  _download(server.url(), path)
  assert path.read_bytes() == server.content


def test_a_server_without_ranges(server, path, begun):
  server.ranges = ""
  _download(server.url(), path)
  assert path.read_bytes() == server.content
  assert server.asked() == [f"bytes={begun}-"]


def test_all_is_here(server, path):
  _download(server.url(), path)
  _download(server.url(), path)
  assert path.read_bytes() == server.content
  assert server.asked() == [None, f"bytes={len(server.content)}-"]


def test_more_than_all_is_here(server, path):
  path.write_bytes(server.content + b"more")
  _download(server.url(), path)
  assert path.read_bytes() == server.content


def test_of_unsaid_length(server, path):
  server.counted = False
  _download(server.url(), path, size=len(server.content))
  assert path.read_bytes() == server.content


@pytest.mark.parametrize("counted", [True, False])
def test_of_another_size(server, path, counted):
  server.counted = counted
  with pytest.raises(download.DownloadError, match="1,000,000"):
    _download(server.url(), path, size=1_000_000)
  assert not path.exists()
  assert len(server.seen) == 1


def test_larger_than_the_disk(server, path):
  server.headers = {"Content-Length": str(1 << 60)}
  server.counted = False
  with pytest.raises(errors.UserError, match="has room for .* are needed"):
    _download(server.url(), path)


def test_a_busy_server(server, path):
  server.statuses = [503, 429]
  _download(server.url(), path)
  assert path.read_bytes() == server.content


@pytest.mark.parametrize(
  "status, text, tries",
  [
    (404, "HTTP 404 Not Found", 1),
    (403, "HTTP 403 Forbidden", 1),
    (500, "HTTP 500 Internal Server Error", 3),
    (206, "HTTP 206", 2),
    (599, "HTTP 599", 1),
  ],
)
def test_http_errors(server, path, status, text, tries):
  server.statuses = [status] * 5
  with pytest.raises(download.DownloadError) as error:
    _download(server.url(), path)
  assert str(error.value).startswith(text)
  assert len(server.seen) == tries
  assert not path.exists()


def test_an_error_keeps_the_part(server, path, begun):
  server.statuses = [404]
  with pytest.raises(download.DownloadError, match="HTTP 404"):
    _download(server.url(), path)
  assert path.stat().st_size == begun


def test_compressed(server, path):
  server.headers = {"Content-Encoding": "gzip"}
  with pytest.raises(download.DownloadError, match="compressed"):
    _download(server.url(), path)


def test_nobody_there(path):
  with socket.socket() as taken:  # bound and not listening: refuses
    taken.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{taken.getsockname()[1]}/weights.h5?secret"
    with pytest.raises(download.DownloadError, match="^Connection refused$"):
      _download(url, path)


def test_no_such_host(path):
  with pytest.raises(download.DownloadError) as error:
    _download("https://user:secret@weights.invalid/file?secret", path)
  assert "secret" not in str(error.value)


def test_a_host_that_speaks_no_https(server, path):
  url = server.url().replace("http:", "https:")
  with pytest.raises(download.DownloadError, match="no secure connection"):
    _download(url, path)


def test_follows_redirects(server, path):
  server.redirects = [server.url("elsewhere"), "/relative"]
  _download(server.url(), path)
  assert path.read_bytes() == server.content
  assert len(server.seen) == 3


@pytest.mark.parametrize(
  "target, shown",
  [
    ("http://weights.invalid/file?secret", "http://weights.invalid/file"),
    ("//user:secret@weights.invalid/file", "http://weights.invalid/file"),
    ("http://127.0.0.1.weights.invalid/", "http://127.0.0.1.weights.invalid/"),
    ("file:///etc/passwd", "file:///etc/passwd"),
    ("ftp://127.0.0.1/file", "ftp://127.0.0.1/file"),
  ],
)
def test_redirects_to_what_is_not_fetched(server, path, target, shown):
  server.redirects = [target]
  with pytest.raises(download.DownloadError) as error:
    _download(server.url(), path)
  assert str(error.value) == f"it redirects to {shown}, which is not https://"
  assert not path.exists()


def test_redirects_in_circles(server, path):
  server.redirects = [server.url()] * 20
  with pytest.raises(download.DownloadError, match="in circles"):
    _download(server.url(), path)


def test_credentials_stay_with_their_host(server, path):
  server.redirects = [server.url("same"), server.url(host="localhost")]
  _download(server.url(host="user:secret@127.0.0.1"), path)
  assert ["Authorization" in headers for headers in server.seen] == [True, True, False]
  assert all(b"secret" not in p.read_bytes() for p in path.parent.iterdir())


def test_the_mirror_is_told_in_one_line(server, asset, cache):
  del cache
  gone = dataclasses.replace(asset, url=server.url("gone.h5"))
  server.statuses = [404]
  with pytest.raises(errors.UserError) as error:
    web.fetch(gone)
  said = str(error.value)
  assert f"cannot fetch {server.url('gone.h5')}: HTTP 404 Not Found" in said
  assert asset.mirror in said and "fetch tiny --from FILE" in said
  assert "\n" not in said


def test_sigkill(server, asset, cache, program):
  """What came before a process was killed is not asked for again."""
  server.gate.clear()
  process = subprocess.Popen(**program("web.fetch(asset)"))
  folder = cache / asset.name
  deadline = time.monotonic() + 60
  while not any(p.stat().st_size > 500_000 for p in folder.glob("*.partial")):
    assert process.poll() is None and time.monotonic() < deadline
    time.sleep(0.05)
  process.send_signal(signal.SIGKILL)
  process.wait()
  server.gate.set()
  assert not list(folder.glob("installed.json"))
  done = subprocess.run(
    **program("print(web.fetch(asset))"), check=True, capture_output=True, text=True
  )
  file = pathlib.Path(done.stdout.strip())
  assert cache_lib.sha256_of(file) == asset.file_sha256
  first, second = server.asked()
  assert first is None and int(second[6:-1]) > 500_000


def test_a_full_disk(server, asset, cache, program):
  """Stands in for it: the system lets no file grow beyond 1 MB."""
  limited = program(
    "resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, 1000000))\n"
    "try: web.fetch(asset)\n"
    "except errors.UserError as error: print(error)"
  )
  done = subprocess.run(**limited, check=True, capture_output=True, text=True)
  assert f"cannot write to the cache folder {cache} (File too large)" in (done.stdout)
  assert "FACES_CACHE" in done.stdout
  (part,) = (cache / asset.name).glob("*.partial")
  assert part.read_bytes() == server.content[:1_000_000]
  subprocess.run(**program("web.fetch(asset)"), check=True)
  assert server.asked()[1] == "bytes=1000000-"


@pytest.fixture(name="secure")
def serve_https(server, tmp_path):
  """The server with a certificate of its own; gives the certificate's file."""
  key = ec.generate_private_key(ec.SECP256R1())
  name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
  now = datetime.datetime.now(datetime.timezone.utc)
  certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(1)
    .not_valid_before(now - datetime.timedelta(days=1))
    .not_valid_after(now + datetime.timedelta(days=1))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .sign(key, hashes.SHA256())
  )
  file = tmp_path / "certificate.pem"
  file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
  private = tmp_path / "key.pem"
  private.write_bytes(
    key.private_bytes(
      serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
  )
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  context.load_cert_chain(file, private)
  server.socket = context.wrap_socket(server.socket, server_side=True)
  return file


def _https(server, host="localhost"):
  return server.url(host=host).replace("http:", "https:")


def test_certificates_are_verified(server, secure, path, monkeypatch):
  monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
  with pytest.raises(download.DownloadError, match="no secure connection"):
    _download(_https(server), path)
  assert not path.exists() and not server.seen
  monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure))
  _download(_https(server), path)
  assert path.read_bytes() == server.content
  with pytest.raises(download.DownloadError, match="no secure connection"):
    _download(_https(server, "127.0.0.1"), path)  # Not the name it is for.


@pytest.mark.parametrize(
  "target", ["http://127.0.0.1:1/file", "http://localhost/file", "http://weights.invalid/file"]
)
def test_https_never_leads_to_http(server, secure, path, monkeypatch, target):
  """Not on this machine either, which is another one than the host's."""
  monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure))
  server.redirects = [target]
  with pytest.raises(download.DownloadError) as error:
    _download(_https(server), path)
  assert str(error.value) == f"it redirects to {target}, which is not https://"
  assert not path.exists()
