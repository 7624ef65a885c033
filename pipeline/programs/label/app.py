"""The page's routes; a photo is known by its number, never by a path."""

import pathlib
from typing import Any

import flask
from werkzeug import exceptions

from components.shared.core import errors
from pipeline.programs.label import journal
from pipeline.programs.label import photos as photos_lib
from pipeline.programs.label import session as session_lib
from pipeline.programs.web import server

_PAGE = pathlib.Path(__file__).parent / "page"


def create(session: session_lib.Session, photos: photos_lib.Photos) -> flask.Flask:
  """The application for a session on photos."""
  app = server.application(_PAGE, max_request_bytes=10_000)

  def number_of(value: Any) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not 0 <= value < len(photos.image_ids):
      flask.abort(404, "there is no such photo")
    return value

  @app.get("/")
  def page():
    return app.send_static_file("page.html")

  @app.get("/state")
  def state():
    at = flask.request.args.get("at", type=int)
    return session.state(None if at is None else number_of(at))

  @app.get("/photo/<int:number>/<size>")
  def photo(number: int, size: str):
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
    return session.answer(number_of(asked.get("number")), asked["answer"])

  @app.get("/answers")
  def answers():
    show = flask.request.args.get("show")
    if show not in (None, *journal.ANSWERS):
      flask.abort(400, "there is no such answer")
    start = flask.request.args.get("start", 0, type=int)
    return session.sheet(show, max(0, start))

  @app.post("/check")
  def check():
    return session.start_check()

  @app.post("/check/leave")
  def leave():
    return session.leave_check()

  @app.errorhandler(errors.UserError)
  def refused(error):
    return {"error": str(error)}, 507

  @app.errorhandler(exceptions.HTTPException)
  def wrong(error):
    return {"error": error.description}, error.code

  return app
