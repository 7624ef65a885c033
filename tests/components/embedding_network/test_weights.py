"""Which weights file is taken, and which is refused."""

import logging

import pytest

from components.shared import assets
from components.shared.core import errors
from components.shared.networks import weights
from components.shared.networks.settings import EmbedderSettings


def test_the_published_file_needs_no_fetching(tmp_path, monkeypatch):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path))
  assert weights.fingerprint(EmbedderSettings()) == (assets.ASSETS["facenet"].file_sha256)
  assert not list(tmp_path.iterdir())


def test_the_published_file_is_found(facenet_weights):
  found = weights.locate(EmbedderSettings())
  assert found.path == facenet_weights
  assert found.sha256 == assets.ASSETS["facenet"].file_sha256


def test_a_damaged_copy_is_refused(facenet_weights, tmp_path, monkeypatch):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path))
  copy = assets.fetch("facenet", facenet_weights)
  with open(copy, "r+b") as file:
    file.seek(50_000_000)
    file.write(b"damage")
  with pytest.raises(errors.UserError, match="is damaged: its SHA-256"):
    weights.locate(EmbedderSettings())


def test_a_file_of_ones_own(tmp_path, caplog):
  path = tmp_path / "own.h5"
  path.write_bytes(b"of one's own")
  settings = EmbedderSettings(weights=str(path))
  with caplog.at_level(logging.WARNING, logger="absl"):
    found = weights.locate(settings)
  assert "not a weights file with a known SHA-256" in caplog.text
  assert found == weights.WeightsFile(path, assets.sha256_of(path))
  assert weights.fingerprint(settings) == found.sha256


def test_a_missing_file(tmp_path):
  settings = EmbedderSettings(weights=str(tmp_path / "none.h5"))
  for function in (weights.fingerprint, weights.locate):
    with pytest.raises(errors.UserError, match="no such weights file"):
      function(settings)
