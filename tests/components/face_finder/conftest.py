"""The finder with its real weights."""

import pytest

from components.shared import assets
from components.shared.face_finder import finder as finder_lib


@pytest.fixture(scope="session")
def finder() -> finder_lib.FaceFinder:
  return finder_lib.FaceFinder(assets.face_finder())
