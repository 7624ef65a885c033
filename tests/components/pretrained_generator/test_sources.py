"""Generators by name and by folder."""

import pathlib

import pytest

from components.shared.core import errors
from components.shared.generators import sources


def _folder(model_uri: str) -> pathlib.Path:
  return pathlib.Path(model_uri, "Format-Serving")


def test_a_saved_model_that_can_decode_is_taken(model_uri, decoder_uri):
  for uri in (model_uri, decoder_uri):
    sources.check(str(_folder(uri)))


def test_fingerprint_changes_with_the_contents(model_uri, decoder_uri):
  one = sources.fingerprint(str(_folder(model_uri)))
  assert one == sources.fingerprint(str(_folder(model_uri)))
  assert one != sources.fingerprint(str(_folder(decoder_uri)))
  assert len(sources.fingerprint("dcgan-digiface")) == 16


def test_neither_name_nor_folder(tmp_path):
  with pytest.raises(
    errors.UserError,
    match="no generator of that name and no SavedModel there; there are: dcgan-digiface",
  ):
    sources.check(str(tmp_path))


def test_a_folder_that_only_looks_like_one(tmp_path):
  (tmp_path / "saved_model.pb").write_bytes(b"")
  with pytest.raises(errors.UserError, match="not a SavedModel that can be"):
    sources.check(str(tmp_path))
