"""`python -m pipeline serve`: predictions over HTTP, and a page that says how."""

import pathlib
from typing import Any

import flask
from werkzeug import exceptions

from pipeline.programs.prediction import output, prediction
from pipeline.programs.prediction import predictor as predictor_lib
from pipeline.programs.web import server

_PAGE = pathlib.Path(__file__).parent / "page"
MOST_BYTES = 64 << 20
"""Of a photo."""


def create(predictor: predictor_lib.Predictor, host: str = server.LOOPBACK) -> flask.Flask:
  """The application.

  Args:
    predictor: labels photos.
    host: the address that it will be served at.
  """
  app = server.application(_PAGE, host, MOST_BYTES, programs=True)

  @app.get("/")
  def page():
    return flask.render_template("api.html", described=describe(predictor.attributes))

  @app.get("/openapi.json")
  def openapi():
    return describe(predictor.attributes)

  @app.post("/predict")
  def predict():
    faces = flask.request.args.get("faces", "all")
    if faces not in prediction.FACES:
      flask.abort(400, f"faces is one of {', '.join(prediction.FACES)}")
    name = flask.request.args.get("name", "photo")
    rows = predictor.predict([(name, flask.request.get_data())], faces)
    return [output.as_object(row) for row in rows]

  @app.errorhandler(exceptions.HTTPException)
  def wrong(error):
    return {"error": error.description}, error.code

  return app


def describe(attributes: list[str]) -> dict[str, Any]:
  """The interface as OpenAPI 3.1 describes it.

  Args:
    attributes: that the model labels.
  """

  def nullable(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], **more}

  def of_attributes(kind: str) -> dict[str, Any]:
    return nullable("object", properties={name: {"type": kind} for name in attributes})

  face = {
    "photo": {"type": "string", "description": "the name that was given"},
    "face": nullable("integer", description="number within the photo, the largest is 1"),
    "faces": nullable("integer", description="how many of the photo were labelled"),
    "faces_found": nullable("integer", description="how many the photo shows"),
    "box": nullable(
      "object",
      properties={side: {"type": "number"} for side in ("left", "top", "right", "bottom")},
      description="pixels of the upright photo",
    ),
    "score": nullable("number", description="how sure the finder of faces is"),
    "labels": of_attributes("integer"),
    "probabilities": of_attributes("number"),
    "uncertain": nullable("array", items={"type": "string", "enum": attributes}),
    "reason": nullable("string", description="why there is no label"),
  }
  return {
    "openapi": "3.1.0",
    "info": {"title": "latent labels", "version": "1"},
    "paths": {
      "/predict": {
        "post": {
          "summary": f"Labels the faces of a photo: {', '.join(attributes)}.",
          "parameters": [
            {
              "name": "faces",
              "in": "query",
              "description": "all that are found, the largest, or the photo itself as a face",
              "schema": {"type": "string", "enum": list(prediction.FACES), "default": "all"},
            },
            {
              "name": "name",
              "in": "query",
              "description": "comes back as `photo`",
              "schema": {"type": "string", "default": "photo"},
            },
          ],
          "requestBody": {
            "required": True,
            "description": "the photo's bytes: JPEG, PNG, WebP, GIF, BMP or TIFF",
            "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
          },
          "responses": {
            "200": {
              "description": "an entry for each face, or one with a reason",
              "content": {
                "application/json": {
                  "schema": {
                    "type": "array",
                    "items": {"type": "object", "required": list(face), "properties": face},
                  }
                }
              },
            },
            "400": {"description": "the query is invalid"},
            "413": {"description": f"larger than {MOST_BYTES >> 20} MB"},
          },
        }
      }
    },
  }
