"""A large file over HTTP, in as many goes as it takes."""

import http.client
import pathlib
import time
from collections.abc import Sequence

import requests

from components.shared.assets import cache, urls
from components.shared.assets import part as part_lib
from components.shared.core import progress

_CONNECT_SECONDS = 10
_READ_SECONDS = 30
_PAUSES = (0.5, 1.0, 2.0)
_PASSING = (408, 429, 500, 502, 503, 504)
_MEGABYTE = 1_000_000
# What a broken connection can cost: a block is written once it is whole.
_BLOCK = 1 << 16


class DownloadError(Exception):
  """It did not come; the message, one line without secrets, says why."""


class _Passing(Exception):
  """It may well go at the next try."""


def download(
  url: str,
  path: pathlib.Path,
  *,
  label: str,
  size: int | None = None,
  pauses: Sequence[float] = _PAUSES,
) -> None:
  """Downloads a file, resuming from what an earlier call left of it.

  Args:
    url: where it is; `urls.check` lets it pass.
    path: where to put it. After an error, a signal or SIGKILL it holds what
      has come so far, and the next call asks for the rest only.
    label: of the progress bar.
    size: of the file in bytes, where that is known beforehand.
    pauses: seconds between tries that fail in a passing way (no connection,
      no answer, a busy server); tries that bring a megabyte are not counted.

  Raises:
    DownloadError: all tries failed; or the server does not have the file, or
      has one of another size, or redirects to plain http.
    OSError: the file cannot be written.
    UserError: there is not enough room for it.
  """
  part = part_lib.Part(path)
  reached, failures = part.length, 0
  with _Session(url) as session:
    while True:
      try:
        _try(session, url, part, label, size)
        return
      except _Passing as error:
        if part.length >= reached + _MEGABYTE:
          reached, failures = part.length, 0
        if failures == len(pauses):
          raise DownloadError(f"{error}{_kept(part)}") from error
        time.sleep(pauses[failures])
        failures += 1


class _Session(requests.Session):
  """Follows redirects to https only, or from this machine to itself."""

  def __init__(self, url: str):
    super().__init__()
    self.max_redirects = 10
    self._local = urls.is_local(url)
    # No proxy stands between this machine and itself.
    self.trust_env = not self._local

  def send(self, request, **kwargs):
    url = request.url
    if not urls.is_allowed(url) or (urls.is_local(url) and not self._local):
      raise DownloadError(f"it redirects to {urls.shown(url)}, which is not https://")
    return super().send(request, **kwargs)


def _try(session: _Session, url: str, part: part_lib.Part, label: str, size: int | None) -> None:
  response = _ask(session, url, part)
  if response.status_code == 416 and part.is_whole(response):
    response.close()
    return
  if response.status_code == 416 or (
    response.status_code == 206 and not part.is_continued_by(response)
  ):
    response.close()
    part.drop()
    response = _ask(session, url, part)
  with response:
    _check(response, part, size)
    if response.status_code == 200:
      part.begin(response)
    _receive(response, part, label, size)


def _ask(session: _Session, url: str, part: part_lib.Part) -> requests.Response:
  # Compressed bytes could neither be counted nor asked for from the middle.
  headers = {"Accept-Encoding": "identity", **part.request_headers()}
  try:
    return session.get(url, headers=headers, stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS))
  except requests.RequestException as error:
    raise _translated(error) from error


def _check(response: requests.Response, part: part_lib.Part, size: int | None) -> None:
  """Whether what the response is about to send is wanted, and fits."""
  status = response.status_code
  if status != 200 and not (status == 206 and part.length):
    said = f"HTTP {status} {http.client.responses.get(status, '')}".strip()
    raise _Passing(said) if status in _PASSING else DownloadError(said)
  encoding = response.headers.get("Content-Encoding", "identity")
  if encoding != "identity":
    raise DownloadError(f"the server sends it compressed ({encoding})")
  total = part_lib.total(response)
  if None not in (size, total) and total != size:
    raise DownloadError(f"the file there has {total:,} bytes, not {size:,}")
  if total is not None:
    cache.check_room(total - (part.length if status == 206 else 0))


def _receive(
  response: requests.Response, part: part_lib.Part, label: str, size: int | None
) -> None:
  total = part_lib.total(response)
  blocks = response.iter_content(_BLOCK)
  with (
    progress.bar(label, total and total // _MEGABYTE, "MB") as bar,
    open(part.path, "ab") as file,
  ):
    while block := _next(blocks):
      file.write(block)
      file.flush()  # SIGKILL loses nothing that has come
      bar.update(file.tell() // _MEGABYTE - bar.n)
      if size is not None and file.tell() > size:
        part.drop()
        raise DownloadError(f"the file there has more than {size:,} bytes")
  if total is not None and part.length < total:
    raise _Passing("the connection broke off")


def _next(blocks) -> bytes:
  try:
    return next(blocks, b"")
  except requests.RequestException as error:
    raise _translated(error) from error


def _translated(error: requests.RequestException) -> Exception:
  """The same without the URL, which requests puts into its messages."""
  if isinstance(error, requests.exceptions.SSLError):
    return DownloadError(f"no secure connection ({_cause(error)})")
  if isinstance(error, requests.Timeout):
    return _Passing("the host does not answer")
  if isinstance(error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
    return _Passing(_cause(error))
  if isinstance(error, requests.TooManyRedirects):
    return DownloadError("it redirects in circles")
  return DownloadError(f"requests reports {type(error).__name__}")


def _cause(error: BaseException | None) -> str:
  """What the system said at the bottom of a chain of exceptions."""
  while error is not None:
    if isinstance(error, OSError) and error.strerror:
      return error.strerror
    error = error.__cause__ or error.__context__
  return "the connection broke off"


def _kept(part: part_lib.Part) -> str:
  if not part.length:
    return ""
  return (
    f" (the {part.length / _MEGABYTE:,.1f} MB received so far are kept; "
    f"the same command resumes from there)"
  )
