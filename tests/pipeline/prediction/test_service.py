"""Predictions over HTTP, and what describes them."""

import pytest

from pipeline.programs.prediction import service


@pytest.fixture(name="client")
def make_client(predictor):
  return service.create(predictor).test_client()


def test_a_photo_is_labelled_as_described(client, sample_photos):
  photo = (sample_photos / "000007.jpg").read_bytes()
  response = client.post("/predict?faces=largest&name=a", data=photo)
  described = client.get("/openapi.json").get_json()["paths"]["/predict"]["post"]
  schema = described["responses"]["200"]["content"]["application/json"]["schema"]["items"]
  (row,) = response.get_json()
  assert response.status_code == 200 and row["photo"] == "a"
  assert sorted(row) == sorted(schema["properties"]) == sorted(schema["required"])
  assert set(row["labels"]) == {"Male", "Smiling"} and row["reason"] is None
  (failed,) = client.post("/predict", data=b"no photo").get_json()
  assert set(failed) == set(row) and failed["reason"] == "not an image in a known format"


def test_what_is_refused(client):
  assert client.post("/predict?faces=some", data=b"").status_code == 400
  assert client.get("/predict").status_code == 405
  foreign = {"Origin": "https://attacker.example"}
  assert client.post("/predict", data=b"", headers=foreign).status_code == 403
  assert client.get("/", headers={"Host": "attacker.example"}).status_code == 400
  client.application.config["MAX_CONTENT_LENGTH"] = 10
  assert client.post("/predict", data=b"x" * 11).status_code == 413


def test_the_page_says_how(client):
  text = client.get("/").get_data(as_text=True)
  assert "POST /predict" in text and "curl" in text and "faces_found" in text
