"""The page's routes; a photo is known by its number, never by a path."""

import pathlib
from typing import Any

import flask
from werkzeug import exceptions

from components.shared.core import errors
from pipeline.programs.label import door as door_lib
from pipeline.programs.label import journal
from pipeline.programs.label import photos as photos_lib
from pipeline.programs.label import session as session_lib
from pipeline.programs.web import server

_PAGE = pathlib.Path(__file__).parent / "page"


MOST_NOTE = 500
"""Characters of a note."""


def create(
  session: session_lib.Session,
  photos: photos_lib.Photos,
  door: door_lib.Door | None = None,
  host: str = server.LOOPBACK,
) -> flask.Flask:
  """The application for labellers on photos.

  Args:
    session: of the person at this machine.
    photos: what is labelled.
    door: lets others in; None where nobody is.
    host: the address that it is served at.
  """
  app = server.application(_PAGE, host, max_request_bytes=10_000)
  if door is not None:
    door.add_to(app)

  def own() -> session_lib.Session:
    return session if door is None else door.session()

  def number_of(value: Any) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not 0 <= value < len(photos.image_ids):
      flask.abort(404, "there is no such photo")
    return value

  @app.get("/")
  def page():
    own()
    return app.send_static_file("page.html")

  @app.get("/state")
  def state():
    at = flask.request.args.get("at", type=int)
    return own().state(None if at is None else number_of(at))

  @app.get("/photo/<int:number>/<size>")
  def photo(number: int, size: str):
    own()
    if size not in (photos_lib.LARGE, photos_lib.SMALL):
      flask.abort(404, "there is no such size")
    jpeg = photos.picture(number_of(number), size)
    if jpeg is None:
      flask.abort(404, "this photo can't be read")
    return flask.Response(jpeg, mimetype="image/jpeg")

  @app.post("/answer")
  def answer():
    asked = flask.request.get_json()
    if not isinstance(asked, dict) or asked.get("answer") not in (journal.ANSWERS):
      flask.abort(400, "there is no such answer")
    note = asked.get("note", "")
    if not isinstance(note, str) or len(note) > MOST_NOTE:
      flask.abort(400, f"a note has {MOST_NOTE} characters at most")
    return own().answer(number_of(asked.get("number")), asked["answer"], note.strip())

  @app.get("/answers")
  def answers():
    show = flask.request.args.get("show")
    if show not in (None, *journal.ANSWERS):
      flask.abort(400, "there is no such answer")
    start = flask.request.args.get("start", 0, type=int)
    return own().sheet(show, max(0, start))

  @app.post("/check")
  def check():
    return own().start_check()

  @app.post("/disputed")
  def disputed():
    return own().ask_disputed()

  @app.post("/check/leave")
  def leave():
    return own().leave_check()

  @app.errorhandler(errors.UserError)
  def refused(error):
    return {"error": str(error)}, 507

  @app.errorhandler(exceptions.HTTPException)
  def wrong(error):
    return {"error": error.description}, error.code

  return app
