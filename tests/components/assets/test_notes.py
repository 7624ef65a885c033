"""What the cache has noted and is damaged counts as nothing."""

import json

import pytest
import requests

from components.shared.assets import catalogue, installation
from components.shared.assets import part as part_lib

_ASSET = catalogue.WebAsset(
  name="noted", description="", licence="", url="https://host/weights.h5", mirror="", size=3
)
_RECORD = {"file": "0a/weights.h5", "size": 3, "sha256": "0" * 64, "source": None}


@pytest.fixture
def folder(tmp_path, monkeypatch):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path))
  (tmp_path / "noted" / "0a").mkdir(parents=True)
  for path in ("noted/0a/weights.h5", "outside.h5"):
    (tmp_path / path).write_bytes(b"abc")
  return tmp_path


@pytest.mark.parametrize(
  "change, found",
  [
    ({}, True),
    ({"file": "../outside.h5"}, False),
    ({"file": 5}, False),
    ({"file": "0a/../../outside.h5"}, False),
    ({"sha256": None}, False),
    ({"file": "/etc/hostname"}, False),
    ({"more": 1}, False),
  ],
)
def test_records(folder, change, found):
  (folder / "noted" / "installed.json").write_text(json.dumps({**_RECORD, **change}))
  assert (installation.read(_ASSET) is not None) == found


@pytest.mark.parametrize(
  "text",
  ["[]", "{", "5", "[" * 100_000, '{"etag": 5}', '{"etag": "a\\r\\nb"}', '{"etag": "\\u2713"}'],
)
def test_notes_of_a_part(folder, text):
  (folder / "part").write_bytes(b"abc")
  (folder / "part.json").write_text(text)
  part = part_lib.Part(folder / "part")
  assert part.request_headers() == {"Range": "bytes=3-"}
  response = requests.Response()
  response.status_code = 206
  response.headers["Content-Range"] = "bytes 3-5/" + "9" * 5000
  assert part.is_continued_by(response)
  assert part_lib.total(response) is None
