"""Who labels: the person at this machine, and who was let in from elsewhere.

A link holds a random token that lets one person in, once; then there is a new
one. A browser that was let in is known by a cookie, until the command ends.
"""

import re
import secrets
from collections.abc import Callable

import flask

from pipeline.programs.label import session as session_lib

_COOKIE = "labeller"
_NAME = re.compile(r"[\w .'-]{1,40}")
_LOCAL = ("127.0.0.1", "::1")


class Door:
  """Sessions by browser.

  Args:
    here: of the person at this machine.
    session_of: makes or finds the session of a name.
    say: prints a line.
  """

  def __init__(
    self,
    here: session_lib.Session,
    session_of: Callable[[str], session_lib.Session],
    say: Callable[[str], None],
  ):
    self._here = here
    self._session_of = session_of
    self._address = ""
    self._say = say
    self._sessions: dict[str, session_lib.Session] = {}
    self._token = secrets.token_urlsafe(16)

  def open(self, address: str) -> None:
    """Says the link that lets the first person in.

    Args:
      address: of this server for others, ending in a slash.
    """
    self._address = address
    self._announce()

  def _announce(self) -> None:
    self._say(f"For the next person, once: {self._address}join/{self._token}")

  def session(self) -> session_lib.Session:
    """Whose request this is; 403 if nobody's."""
    known = self._sessions.get(flask.request.cookies.get(_COOKIE, ""))
    if known is None and flask.request.remote_addr not in _LOCAL:
      flask.abort(403, "ask for a new link: this browser was not let in")
    return known or self._here

  def add_to(self, app: flask.Flask) -> None:
    """Adds the page that lets in."""

    @app.get("/join/<token>")
    def join(token: str):
      # To look is not to use: chats fetch what a link leads to.
      self._check(token)
      return app.send_static_file("join.html")

    @app.post("/join/<token>")
    def enter(token: str):
      self._check(token)
      asked = flask.request.get_json()
      name = asked.get("name") if isinstance(asked, dict) else None
      if not isinstance(name, str) or not _NAME.fullmatch(name) or name != name.strip():
        flask.abort(400, "a name is 1 to 40 letters, digits, spaces, dots or hyphens")
      self._token = secrets.token_urlsafe(16)
      key = secrets.token_urlsafe(32)
      self._sessions[key] = self._session_of(name)
      self._say(f"{name} labels as well")
      self._announce()
      response = flask.jsonify({"name": name})
      response.set_cookie(_COOKIE, key, httponly=True, samesite="Strict")
      return response

  def _check(self, token: str) -> None:
    if not secrets.compare_digest(token.encode(), self._token.encode()):
      flask.abort(403, "this link was used before, or is wrong; ask for a new one")
