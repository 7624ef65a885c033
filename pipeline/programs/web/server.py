"""Pages for the person at this machine: a small server on loopback.

It answers only to its own name and, where a request changes something, only to
its own pages: a page from elsewhere that is open in the same browser can
neither read nor write here.
"""

import errno
import logging
import pathlib
import socket
import urllib.parse
import webbrowser
from collections.abc import Callable

import flask
import werkzeug
from werkzeug import exceptions, serving

from components.shared.core import errors

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104  Only where someone asks to share a page.
"""All addresses of this machine."""
_POLICY = (
  "default-src 'none'; img-src 'self' data: blob:; script-src 'self'; "
  "style-src 'self'; connect-src 'self'; base-uri 'none'; "
  "form-action 'none'; frame-ancestors 'none'"
)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def application(
  folder: pathlib.Path,
  host: str = LOOPBACK,
  max_request_bytes: int = 1 << 20,
  programs: bool = False,
) -> flask.Flask:
  """An empty application; the caller adds its routes.

  Pages, scripts and styles are files of the folder, below `/static/`, since
  the policy that is sent along allows no others and none inline.

  Args:
    folder: with the page's files.
    host: the address that it will be served at.
    max_request_bytes: larger requests are refused.
    programs: whether programs, which name no origin, may post as well.
  """
  app = flask.Flask(
    __name__, static_folder=str(folder), static_url_path="/static", template_folder=str(folder)
  )
  app.config.update(
    MAX_CONTENT_LENGTH=max_request_bytes, TRUSTED_HOSTS=_names(host), SEND_FILE_MAX_AGE_DEFAULT=0
  )
  app.before_request(lambda: _check(flask.request, programs))
  app.after_request(_protect)
  app.register_error_handler(RecursionError, _too_deep)
  return app


def guarded(other: Callable, host: str = LOOPBACK) -> Callable:
  """Wraps a third-party WSGI application with the same Host and Origin checks.

  Args:
    other: the application.
    host: the address that it will be served at.
  """

  def guard(environ, start_response):
    request = werkzeug.Request(environ, populate_request=False)
    request.trusted_hosts = _names(host)
    try:
      _check(request)
    except exceptions.HTTPException as error:
      return error(environ, start_response)
    return other(environ, start_response)

  return guard


def _too_deep(error: RecursionError):
  """Of JSON that is all brackets."""
  del error
  return {"error": "what was sent is nested too deep"}, 400


class Server:
  """An application at a port.

  Args:
    app: of `application`.
    host: address to listen at; loopback is seen by this machine alone.
    port: 0 takes any that is free.

  Attributes:
    url: of its first page, for a browser on this machine.
    port: that it listens at.

  Raises:
    UserError: the port is in use or not allowed, or the host is invalid.
  """

  def __init__(self, app: flask.Flask, host: str = LOOPBACK, port: int = 0):
    # What it prints on start-up and for each request is of no use here.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    listener = _listen(host, port)
    self._server = serving.make_server(host, port, app, threaded=True, fd=listener.detach())
    self.url = f"http://{LOOPBACK if host == EVERYWHERE else host}:{self._server.port}/"
    self.port: int = self._server.port

  def run(self) -> None:
    """Serves until it is stopped, or interrupted from the keyboard."""
    try:
      self._server.serve_forever()
    finally:
      self._server.server_close()

  def stop(self) -> None:
    """Makes `run` end; from another thread."""
    self._server.shutdown()


def show(server: Server, say: Callable[[str], None], open_browser: bool = True) -> None:
  """Serves for a person: opens the page, and ends with Ctrl+C.

  Args:
    server: to run.
    say: prints a line.
    open_browser: whether to try; a machine without one is told the address.
  """
  opened = open_browser and webbrowser.open(server.url)
  say(f"{'Opened' if opened else 'Open'} {server.url} in a browser; Ctrl+C ends this")
  try:
    server.run()
  except KeyboardInterrupt:
    pass


def lan_address() -> str:
  """This machine's address in the local network.

  Raises:
    UserError: it is in none.
  """
  with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    try:
      probe.connect(("192.0.2.1", 9))  # Sends nothing; the system chooses the way out.
      return probe.getsockname()[0]
    except OSError as error:
      raise errors.UserError(
        f"this machine is in no network that others could come from ({error.strerror})"
      ) from None


def _listen(host: str, port: int) -> socket.socket:
  listener = socket.socket(socket.AF_INET)
  listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  try:
    listener.bind((host, port))
    listener.listen()
  except (OSError, OverflowError) as error:
    listener.close()
    if getattr(error, "errno", None) == errno.EADDRINUSE:
      raise errors.UserError(
        f"port {port} is in use; choose another with --port, or 0 for any that is free"
      ) from None
    raise errors.UserError(
      f"{host}, port {port}: can't be served "
      f"({getattr(error, 'strerror', None) or error}); choose others with "
      "--host and --port"
    ) from None
  return listener


def _names(host: str) -> list[str] | None:
  if host == EVERYWHERE:
    return None  # By which names it is reached there, nobody knows.
  return [host, "localhost", LOOPBACK]


def _check(request: werkzeug.Request, programs: bool = False) -> None:
  """Refuses what does not come from this server's own pages."""
  own = request.host  # Refused here if it is not a trusted name.
  if request.method in _SAFE_METHODS:
    return
  origin = request.headers.get("Origin")
  if origin is None and programs:
    return
  if origin is None or urllib.parse.urlsplit(origin).netloc != own:
    raise exceptions.Forbidden("only this server's own pages may change anything")


def _protect(response: flask.Response) -> flask.Response:
  response.headers.update(
    {
      "Content-Security-Policy": _POLICY,
      "Cross-Origin-Resource-Policy": "same-origin",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "no-store",
    }
  )
  return response
