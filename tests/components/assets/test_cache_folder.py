"""Where fetched files are kept."""

import pathlib

import pytest

from components.shared.assets import cache


@pytest.mark.parametrize(
  "chosen, caches, expected",
  [
    ("", "", "~/.cache/latent-labels"),
    ("", "/caches", "/caches/latent-labels"),
    ("", "relative", "~/.cache/latent-labels"),
    ("/mine", "/caches", "/mine"),
  ],
)
def test_other_programs_choices_hold(monkeypatch, chosen, caches, expected):
  monkeypatch.setenv("FACES_CACHE", chosen)
  monkeypatch.setenv("XDG_CACHE_HOME", caches)
  assert cache.folder() == pathlib.Path(expected).expanduser()
