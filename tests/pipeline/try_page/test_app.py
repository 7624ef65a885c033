"""What the page's addresses answer, by Flask's own client."""

import io
import json
import pathlib
import re

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from components.shared.data import examples
from pipeline.programs import prediction
from pipeline.programs.try_page import app as app_lib
from pipeline.programs.try_page import inputs, neighbours, routes
from tests import web_routes
from tests.pipeline.try_page import generators

SIDE = 32
OWN = {"Origin": "http://localhost"}
BRIGHT = generators.direction("Bright", 1, 0, 0, 0)


class Brightness(tf.Module):
  """A pushed model that calls bright photos so; channels are its embedding."""

  @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image")])
  def classify(self, image):
    means = tf.map_fn(
      lambda one: tf.reduce_mean(
        tf.cast(tf.io.decode_image(one, channels=3, expand_animations=False), tf.float32) / 255,
        axis=[0, 1],
      ),
      image,
      fn_output_signature=tf.TensorSpec([3], tf.float32),
    )
    return {**self.classify_embedding(means), "embedding": means}

  @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, "embedding")])
  def classify_embedding(self, embedding):
    probability = tf.reduce_mean(embedding, axis=1, keepdims=True)
    return {
      "probability_Bright": probability,
      "label_Bright": tf.cast(probability >= 0.5, tf.int64),
    }


def picture(*colour: int) -> bytes:
  file = io.BytesIO()
  Image.new("RGB", (SIDE, SIDE), colour).save(file, "JPEG", quality=95)
  return file.getvalue()


@pytest.fixture(name="face", scope="module")
def make_face(sample_photos):
  """A photo of a face in shades of one colour, since faces are looked for."""
  with Image.open(sample_photos / "000009.jpg") as photo:
    shades = 0.5 + np.array(photo.convert("L"))[:, :, np.newaxis] / 510

  def face(*colour: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray((shades * colour).astype(np.uint8)).save(file, "JPEG", quality=95)
    return file.getvalue()

  return face


PHOTOS = {
  "red.jpg": (200, 20, 20),
  "green.jpg": (20, 200, 20),
  "blue.jpg": (20, 20, 200),
  "white.jpg": (250, 250, 250),
}


def write_run(folder):
  """Faces of one colour each, and their embeddings."""
  uris = [str(folder / kind) for kind in ("embeddings", "faces")]
  for split in ("labeled", "hand_labeled"):
    writers = [examples.shard_path(uri, split, 0, 1) for uri in uris]
    with examples.open_shard(writers[0]) as embedded, examples.open_shard(writers[1]) as faces:
      for image_id, colour in PHOTOS.items():
        common = {"image_id": image_id.encode(), "label_Bright": int(np.mean(colour) > 127)}
        embedded.write(examples.encode({**common, "embedding": (np.array(colour) / 255).tolist()}))
        faces.write(examples.encode({**common, "image": picture(*colour)}))
  return uris


@pytest.fixture(name="parts", scope="module")
def make_parts(tmp_path_factory):
  folder = tmp_path_factory.mktemp("run")
  model = Brightness()
  tf.saved_model.save(
    model,
    str(folder / "model"),
    signatures={"serving_default": model.classify, "classify_embedding": model.classify_embedding},
  )
  uris = write_run(folder)
  return inputs.Parts(
    name="small",
    attributes=("Bright",),
    predictor=prediction.Predictor(folder / "model"),
    photos=neighbours.Neighbours(*uris, ["labeled"], ["Bright"]),
    evaluation=inputs.evaluation_photos(uris[1], ["Bright"]),
    sliders=generators.sliders(tmp_path_factory.mktemp("generator"), BRIGHT),
    notes=("the synthetic faces <are> gone",),
  )


def client(parts):
  app = app_lib.application()
  routes.add(app, parts)
  return app.test_client()


@pytest.fixture(name="page", scope="module")
def make_page(parts):
  return client(parts)


def test_the_page_says_what_a_label_is_and_what_is_missing(page):
  text = page.get("/").get_data(as_text=True)
  assert "It is no fact about a" in text and "kept on no" in text
  assert "the synthetic faces &lt;are&gt; gone" in text
  assert "nearest of 4 photos" in text and "synthetic faces that" not in text
  for file in ("page.css", "page.js", "parts.js", "sliders.js"):
    assert page.get(f"/static/{file}").status_code == 200


def test_a_photo_has_label_face_and_neighbours(page, face):
  photo = face(250, 250, 250)
  answer = page.post("/photo", data=photo, headers=OWN).json
  assert answer["count"] == 1
  (found,) = answer["faces"]
  (label,) = found["labels"]
  assert (label["attribute"], label["label"]) == ("Bright", 1)
  brightness = np.array(Image.open(io.BytesIO(photo))).mean() / 255
  assert label["probability"] == pytest.approx(brightness, abs=0.02)
  nearest = found["photos"][0]
  assert nearest["image_id"] == "white.jpg" and nearest["labels"]["Bright"] == 1
  assert nearest["distance"] == pytest.approx(0, abs=1e-3)
  assert found["synthetic"] is None
  assert found["picture"].startswith("data:image/jpeg;base64,")
  assert found["start"]["positions"] == pytest.approx([(found["start"]["code"][0] - 0.3) / 0.5])


def test_pictures_are_asked_for_by_number(page, face):
  rows = page.post("/photo", data=face(250, 60, 60), headers=OWN).json["faces"][0]["photos"]
  with Image.open(io.BytesIO(page.get(f"/photos/{rows[0]['row']}").data)) as image:
    assert rows[0]["image_id"] == "red.jpg"
    assert np.abs(np.array(image.getpixel((9, 9))) - PHOTOS["red.jpg"]).max() < 12
  for address in (
    "/photos/4",
    "/photos/99999999999999999999",
    "/photos/-1",
    "/photos/red.jpg",
    "/photos/../../etc/passwd",
    "/synthetic/0",
    "/evaluation/4",
    "/evaluation/4/thumbnail",
  ):
    assert page.get(address).status_code == 404, address


def test_evaluation_photos_are_handed_out_as_they_are(page, parts):
  assert {photo.image_id for photo in parts.evaluation} == set(PHOTOS)
  for number, photo in enumerate(parts.evaluation):
    assert page.get(f"/evaluation/{number}").data == photo.photo
    assert page.get(f"/evaluation/{number}/thumbnail").status_code == 200


@pytest.mark.parametrize(
  "content, reason",
  [
    (b"just words", "not an image"),
    (b"", "empty"),
    (picture(1, 2, 3)[:100], "damaged|not an image"),
  ],
)
def test_no_photo_is_said_in_a_line(page, content, reason):
  answer = page.post("/photo", data=content, headers=OWN)
  assert answer.status_code == 200
  assert re.search(reason, answer.json["reason"])


def test_a_photo_that_is_too_large_is_refused(page):
  answer = page.post("/photo", data=bytes(app_lib.MAX_PHOTO_BYTES + 1), headers=OWN)
  assert answer.status_code == 413 and "30 MB" in answer.json["reason"]


def body(parts, **changed):
  return {
    "code": parts.sliders.draw(0).tolist(),
    "positions": [None],
    "variations": [0] * parts.sliders.variations,
    **changed,
  }


def test_the_face_follows_the_numbers(page, parts):
  start = page.get("/draw/7").json
  assert start["code"] == parts.sliders.draw(7).tolist()
  pictures = []
  for position in (-1.0, 1.0):
    answer = page.post(
      "/face", json=body(parts, code=start["code"], positions=[position]), headers=OWN
    )
    assert answer.mimetype == "image/png"
    with Image.open(io.BytesIO(answer.data)) as image:
      pictures.append(np.asarray(image).astype(int))
  assert pictures[1].mean() > pictures[0].mean() + 20


def test_the_model_judges_the_face(page, parts):
  dark, bright = (
    page.post("/judge", json=body(parts, positions=[position]), headers=OWN).json["labels"][0]
    for position in (-3, 3)
  )
  assert (dark["label"], bright["label"]) == (0, 1)
  assert dark["probability"] < 0.5 < bright["probability"]


@pytest.mark.parametrize(
  "changed",
  [
    {"code": [0.0]},
    {"code": "words"},
    {"code": None},
    {"code": [0, 0, 0, float("nan")]},
    {"code": [0, 0, 0, "0"]},
    {"code": [None] * 4},
    {"code": [[0]] * 4},
    {"code": [0, 0, 0, 10**400]},
    {"positions": []},
    {"positions": [float("inf")]},
    {"variations": [None]},
  ],
)
def test_nothing_but_numbers_is_taken(page, parts, changed):
  assert (
    page.post(
      "/face", data=json.dumps(body(parts, **changed)), content_type="application/json", headers=OWN
    ).status_code
    == 400
  )


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null"])
def test_nothing_but_an_object_is_taken(page, content):
  assert (
    page.post("/face", data=content, content_type="application/json", headers=OWN).status_code
    == 400
  )


@pytest.mark.parametrize("address", ["/photo", "/face", "/judge"])
def test_other_pages_get_nothing(page, address):
  assert page.post(address, headers={"Origin": "https://attacker.example"}).status_code == 403


def test_without_a_model_the_sliders_work(parts):
  page = client(
    inputs.Parts(
      name="small", attributes=("Bright",), sliders=parts.sliders, notes=("no model was pushed",)
    )
  )
  text = page.get("/").get_data(as_text=True)
  assert "no model was pushed" in text and 'id="drop"' not in text
  assert page.post("/face", json=body(parts), headers=OWN).status_code == 200
  assert page.post("/judge", json=body(parts), headers=OWN).status_code == 404
  assert page.post("/photo", data=b"", headers=OWN).status_code == 404


def test_without_a_generator_photos_are_labelled(parts, face):
  page = client(inputs.Parts(name="small", attributes=("Bright",), predictor=parts.predictor))
  assert 'id="sliders"' not in page.get("/").get_data(as_text=True)
  (found,) = page.post("/photo", data=face(90, 90, 90), headers=OWN).json["faces"]
  assert found["start"] is None and found["photos"] is None
  assert found["labels"][0]["label"] == 0


def test_every_route_knows_its_own_pages(parts):
  app = app_lib.application()
  routes.add(app, parts)
  web_routes.check(app, pathlib.Path(app_lib.__file__))
