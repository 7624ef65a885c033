"""What the page asks for, and what it gets."""

import io
import json
import pathlib
import zipfile

import pytest
from PIL import Image

from components.shared.data import sources
from pipeline.programs.label import app as app_lib
from pipeline.programs.label import journal, order
from pipeline.programs.label import photos as photos_lib
from tests import web_routes

OWN = {"Origin": "http://localhost"}


@pytest.fixture(name="client_of")
def make_client_of(opened):
  def make(place, by=order.NAME):
    session, photos, check = opened(place, by)
    client = app_lib.create(session, photos).test_client()
    return client, session, check

  return make


def _answer(client, number, answer):
  return client.post("/answer", headers=OWN, json={"number": number, "answer": answer})


def _names(client, **arguments):
  found = client.get("/answers", query_string=arguments).get_json()
  return [photo["name"] for photo in found["photos"]]


def test_goes_through_the_photos(client_of, folder):
  client, _, _ = client_of(folder(4))
  for number, answer in enumerate(("yes", "no", "can't tell", "yes")):
    state = client.get("/state").get_json()
    assert (state["photo"]["number"], state["answered"]) == (number, number)
    assert state["photo"]["previous"] == (number - 1 if number else None)
    assert state["next"] == [1, 2, 3][number : number + 2]
    state = _answer(client, number, answer).get_json()
  assert state["photo"] is None and state["total"] == 4
  assert state["counts"] == {"yes": 2, "no": 1, "can't tell": 1}


def test_back_goes_through_the_answers_and_changes_them(client_of, folder):
  client, session, _ = client_of(folder(4))
  for number in range(3):
    _answer(client, number, "yes")
  state = client.get("/state?at=1").get_json()
  assert state["photo"] == {
    "number": 1,
    "name": "000008.jpg",
    "again": False,
    "answer": "yes",
    "note": "",
    "evaluation": False,
    "previous": 0,
    "following": 2,
  }
  state = _answer(client, 1, "no").get_json()
  assert state["photo"]["number"] == 2 and state["answered"] == 3  # Where one had been.
  assert client.get("/state").get_json()["photo"]["number"] == 3
  assert "3 of 4 photos answered: 2 yes, 1 no, 0 can't tell" in (session.close()[0])


def test_the_contact_sheet_has_all_answers(client_of, folder):
  client, _, _ = client_of(folder(5))
  for number, answer in ((0, "yes"), (1, "no"), (2, "can't tell"), (3, "no")):
    _answer(client, number, answer)
  assert _names(client) == ["000010.jpg", "000009.jpg", "000008.jpg", "000007.jpg"]
  assert _names(client, show="no") == ["000010.jpg", "000008.jpg"]
  assert _names(client, start=3) == ["000007.jpg"]
  assert client.get("/answers?show=maybe").status_code == 400


@pytest.mark.parametrize(
  "body, status",
  [
    ({"number": 4, "answer": "yes"}, 404),
    ({"number": -1, "answer": "no"}, 404),
    ({"number": "../labels.csv", "answer": "yes"}, 404),
    ({"number": True, "answer": "yes"}, 404),
    ({"answer": "yes"}, 404),
    ({"number": 0, "answer": "maybe"}, 400),
    ({"number": 0}, 400),
    ({"number": 0, "answer": ["yes"]}, 400),
    ([], 400),
    (None, 415),
  ],
)
def test_what_is_no_answer_is_refused(client_of, folder, body, status):
  client, _, _ = client_of(folder(4))
  response = client.post("/answer", headers=OWN, json=body)
  assert response.status_code == status and response.get_json()["error"]
  assert client.get("/state").get_json()["answered"] == 0


def test_other_pages_can_change_nothing(client_of, folder):
  client, _, _ = client_of(folder(2))
  for path in ("/answer", "/check", "/check/leave"):
    response = client.post(
      path, json={"number": 0, "answer": "yes"}, headers={"Origin": "https://attacker.example"}
    )
    assert response.status_code == 403
  assert client.get("/state").get_json()["answered"] == 0


@pytest.mark.parametrize(
  "path",
  [
    "/photo/4/large",
    "/photo/-1/large",
    "/photo/0/huge",
    "/photo/x/large",
    "/photo/..%2Flabels.csv/large",
    "/static/../app.py",
    "/static/app.py",
    "/state?at=4",
  ],
)
def test_there_is_nothing_else_to_be_had(client_of, folder, path):
  client, _, _ = client_of(folder(4))
  assert client.get(path).status_code == 404


def test_photos_that_cant_be_used_are_skipped_with_a_reason(client_of, folder):
  place = folder(3)
  (place / "000008.jpg").write_bytes(b"no photo")
  (place / "000000 .jpg").write_bytes((place / "000007.jpg").read_bytes())
  (place / " a.jpg").write_bytes((place / "000007.jpg").read_bytes())
  client, _, _ = client_of(place)
  state = client.get("/state").get_json()
  assert state["photo"]["name"] == "000000 .jpg"
  for _ in range(3):
    state = _answer(client, state["photo"]["number"], "yes").get_json()
  assert state["photo"] is None and state["total"] == state["answered"] == 3
  assert {one["name"]: one["reason"] for one in state["skipped"]} == {
    " a.jpg": "a CSV can't hold such a name; rename it",
    "000008.jpg": "not an image in a known format",
  }


def test_pictures_are_upright_and_no_larger_than_need_be(tmp_path):
  image = Image.new("RGB", (3000, 2000), "red")
  exif = Image.Exif()
  exif[0x0112] = 6  # Turned by 90 degrees.
  image.save(tmp_path / "a.jpg", exif=exif)
  photos = photos_lib.Photos(sources.open_photos(str(tmp_path)))
  for size, shape in (("large", (800, 1200)), ("small", (107, 160))):
    with Image.open(io.BytesIO(photos.picture(0, size))) as shown:
      assert shown.size == shape


def test_photos_of_a_zip(tmp_path, sample_photos):
  with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
    for name in ("000007.jpg", "000008.jpg"):
      archive.write(sample_photos / name, f"in/{name}")
  photos = photos_lib.Photos(sources.open_photos(str(tmp_path / "photos.zip")))
  assert photos.image_ids == ["000007.jpg", "000008.jpg"]
  assert photos.picture(1, "large") == (sample_photos / "000008.jpg").read_bytes()


def test_an_answer_that_cant_be_kept_is_said_and_not_taken(client_of, folder, tmp_path):
  client, session, _ = client_of(folder(3))
  _answer(client, 0, "yes")
  (tmp_path / "labels.csv.answers").rename(tmp_path / "elsewhere")
  response = _answer(client, 1, "no")
  assert response.status_code == 507
  assert "can't be kept" in response.get_json()["error"]
  assert client.get("/state").get_json()["photo"]["number"] == 1
  (tmp_path / "elsewhere").rename(tmp_path / "labels.csv.answers")
  assert _answer(client, 1, "no").get_json()["photo"]["number"] == 2
  session.close()
  assert (tmp_path / "labels.csv").read_text() == ("image_id,Male\n000007.jpg,1\n000008.jpg,0\n")
  assert _answer(client, 2, "no").status_code == 507


def test_a_csv_that_cant_be_written_is_said(client_of, folder, tmp_path):
  client, _, _ = client_of(folder(3))
  _answer(client, 0, "yes")
  (tmp_path / "labels.csv").chmod(0o444)
  assert "is read-only" in _answer(client, 1, "no").get_json()["problem"]
  (tmp_path / "labels.csv").chmod(0o644)
  assert _answer(client, 2, "no").get_json()["problem"] is None
  assert len((tmp_path / "labels.csv").read_text().splitlines()) == 4


def _brightness(sample_photos, count):
  """Half of the photos are bright."""
  means = {}
  for path in sorted(sample_photos.glob("*.jpg"))[:count]:
    with Image.open(path) as image:
      gray = image.convert("L").resize((1, 1), Image.Resampling.BOX)
    means[path.name] = gray.getpixel((0, 0))
  middle = sorted(means.values())[count // 2]
  return {name: mean >= middle for name, mean in means.items()}, {
    name: abs(mean - middle) for name, mean in means.items()
  }


def test_wrong_labels_are_asked_again_blind(client_of, folder, sample_photos, tmp_path):
  client, session, check = client_of(folder(60))
  bright, distance = _brightness(sample_photos, 60)
  wrong = sorted(distance, key=distance.get)[-3:]  # The clearest ones.
  names = sorted(bright)
  for number, name in enumerate(names):
    _answer(client, number, "yes" if bright[name] != (name in wrong) else "no")
  assert client.post("/check", headers=OWN).status_code == 200
  check.wait()
  state = client.get("/state").get_json()
  assert set(wrong) <= set(check.suspects) and len(check.suspects) < 20
  first = state["photo"]
  # Nothing on the page or the sheet tells what was answered before.
  assert first["again"] and first["answer"] is None
  assert not set(_names(client)) & set(check.suspects)
  kept = None
  while state["photo"]:
    photo = state["photo"]
    assert photo["answer"] is None
    kept = photo["name"]
    state = _answer(client, photo["number"], "yes" if bright[photo["name"]] else "no").get_json()
  assert state["check"]["state"] == "done"
  assert state["check"]["asked"] == len(check.suspects)
  assert {one["name"] for one in state["check"]["changed"]} == set(wrong)
  assert all(one["before"] != one["after"] for one in state["check"]["changed"])
  lines = (tmp_path / "labels.csv").read_text().splitlines()[1:]
  assert lines == [f"{name},{int(bright[name])}" for name in names]
  # Who was asked twice is not asked a third time, not even tomorrow.
  client.post("/check/leave", headers=OWN)
  suspects = set(check.suspects)
  client.post("/check", headers=OWN)
  check.wait()
  assert kept and not set(check.suspects) & suspects
  session.close()
  entries = [
    json.loads(line) for line in (tmp_path / "labels.csv.answers").read_text().splitlines()
  ]
  assert {
    entry["image_id"] for entry in entries if entry.get("origin") == journal.AUDIT
  } == suspects


def test_too_few_labels_for_a_check_is_said(client_of, folder):
  client, _, check = client_of(folder(8))
  for number in range(8):
    _answer(client, number, "yes" if number else "no")
  client.post("/check", headers=OWN)
  check.wait()
  state = client.get("/state").get_json()
  assert state["check"]["state"] == "failed"
  assert "1 photos are labelled no" in state["check"]["message"]


def test_every_route_knows_its_own_pages(opened, folder):
  session, photos, _ = opened(folder(2))
  web_routes.check(app_lib.create(session, photos), pathlib.Path(app_lib.__file__))
  assert session.state(None)["answered"] == 0
