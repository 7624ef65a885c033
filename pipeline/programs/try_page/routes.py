"""The page's routes: photos in, faces out; no request names a file."""

import base64
import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, TypeVar

import flask
import numpy as np
import tensorflow as tf

from components.shared.data import training_photos as photos_lib
from components.shared.generators import generator as generator_lib
from pipeline.programs import prediction
from pipeline.programs.try_page import faces, inputs, neighbours

NEAREST = 8
"""Faces of each kind that are shown."""
MOST_FACES = 12
"""Faces of one photo that are shown, the largest ones."""
_THUMBNAIL = 144
_KEPT = 500
_FACE = 224
_MOST_SEED = 2**32 - 1
_MOST_CODE = 1000.0
_Item = TypeVar("_Item")


def add(app: flask.Flask, parts: inputs.Parts) -> None:
  """Adds the page, and what it asks for of the parts that there are."""

  @app.get("/")
  def page():
    return flask.render_template(
      "page.html",
      parts=parts,
      variation_limit=faces.VARIATION_LIMIT,
      most_bytes=app.config["MAX_CONTENT_LENGTH"],
    )

  @app.get("/evaluation/<int:number>")
  def evaluation_photo(number: int):
    return _image(_one(parts.evaluation, number).photo)

  @app.get("/evaluation/<int:number>/thumbnail")
  def evaluation_thumbnail(number: int):
    return _image(_square(_one(parts.evaluation, number).photo, _THUMBNAIL))

  for kind, near in (("photos", parts.photos), ("synthetic", parts.synthetic)):
    if near is not None:
      _add_pictures(app, kind, near)
  if parts.predictor is not None:
    _add_photo(app, parts, parts.predictor)
  if parts.sliders is not None:
    _add_sliders(app, parts.sliders, parts.predictor)


def _add_pictures(app: flask.Flask, kind: str, near: neighbours.Neighbours) -> None:

  @functools.lru_cache(_KEPT)
  def thumbnail(row: int) -> bytes:
    return _square(near.image(row), _THUMBNAIL)

  @app.get(f"/{kind}/<int:row>", endpoint=kind)
  def picture(row: int):
    try:
      return _image(thumbnail(row))
    except (IndexError, KeyError):
      flask.abort(404)


def _add_photo(app: flask.Flask, parts: inputs.Parts, predictor: prediction.Predictor) -> None:

  @app.errorhandler(413)
  def too_large(error):
    del error
    most = app.config["MAX_CONTENT_LENGTH"]
    return {"reason": f"larger than {most >> 20} MB"}, 413

  @app.post("/photo")
  def photo():
    found = list(predictor.predict([("photo", flask.request.get_data())]))
    if found[0].reason is not None:
      return {"reason": found[0].reason}
    return {
      "count": found[0].count,
      "faces": [_described(face, parts) for face in found[:MOST_FACES]],
    }


def _add_sliders(
  app: flask.Flask, sliders: faces.Sliders, predictor: prediction.Predictor | None
) -> None:

  @app.get("/draw/<int:seed>")
  def draw(seed: int):
    return _start(sliders, sliders.draw(min(seed, _MOST_SEED)))

  @app.post("/face")
  def face():
    return flask.Response(faces.to_png(sliders.picture(_moved(sliders))), mimetype="image/png")

  if predictor is None:
    return

  @app.post("/judge")
  def judge():
    drawn = generator_lib.to_jpeg(sliders.picture(_moved(sliders))[np.newaxis])
    (one,) = predictor.predict([("face", drawn[0])], faces="as-is")
    return {"labels": _labels(one, predictor)}


def _described(face: prediction.Prediction, parts: inputs.Parts) -> dict[str, Any]:
  """What the page shows of a photo's face."""
  code = None
  if parts.sliders is not None and parts.sliders.has_encoder:
    code = _start(parts.sliders, parts.sliders.encode(face.face))
  return {
    "labels": _labels(face, parts.predictor),
    "picture": _data_url(_square(face.face, _FACE)),
    "photos": _near(face.embedding, parts.photos),
    "synthetic": _near(face.embedding, parts.synthetic),
    "start": code,
  }


def _labels(face: prediction.Prediction, predictor: prediction.Predictor) -> list[dict[str, Any]]:
  return [
    {
      "attribute": name,
      "label": face.labels[name],
      "probability": face.probabilities[name],
      "threshold": predictor.thresholds[name],
    }
    for name in face.labels
  ]


def _near(embedding: np.ndarray, near: neighbours.Neighbours | None) -> list[dict[str, Any]] | None:
  return (
    None
    if near is None
    else [dataclasses.asdict(neighbour) for neighbour in near.nearest(embedding, NEAREST)]
  )


def _start(sliders: faces.Sliders, code: np.ndarray) -> dict[str, Any]:
  return {"code": code.tolist(), "positions": sliders.positions(code).tolist()}


def _moved(sliders: faces.Sliders) -> np.ndarray:
  """The code [z] that a request's numbers make; 400 if they are none."""
  body = flask.request.get_json(silent=True)
  if not isinstance(body, dict):
    flask.abort(400, "expected a JSON object")
  code = _numbers(body.get("code"), sliders.latent_size)
  positions = _numbers(body.get("positions"), len(sliders.attributes), True)
  variations = _numbers(body.get("variations"), sliders.variations)
  return sliders.move(np.clip(code, -_MOST_CODE, _MOST_CODE), positions, variations)


def _numbers(values: Any, count: int, or_none: bool = False) -> list[float | None]:
  """A list of that many finite numbers; 400 if it is anything else."""
  if (
    not isinstance(values, list)
    or len(values) != count
    or not all(
      value is None and or_none or isinstance(value, (int, float)) and abs(value) < 1e9
      for value in values
    )
  ):  # NaN is below nothing.
    flask.abort(400, f"{count} numbers are wanted")
  return values


def _one(items: Sequence[_Item], number: int) -> _Item:
  if number >= len(items):
    flask.abort(404)
  return items[number]


def _square(encoded: bytes, size: int) -> bytes:
  """The middle of a picture, as the face network sees it, as a JPEG."""
  middle = photos_lib.middle(tf.constant(encoded), size).numpy()
  return generator_lib.to_jpeg(middle[np.newaxis])[0]


def _image(encoded: bytes) -> flask.Response:
  return flask.Response(encoded, mimetype="image/jpeg")


def _data_url(jpeg: bytes) -> str:
  return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
