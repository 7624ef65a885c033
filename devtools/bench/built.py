"""FaceNet with its depths, as a run builds it, once for all groups of a process."""

import atexit
import functools
import pathlib
import shutil
import tempfile
from collections.abc import Sequence

from components.embedding_engine import build
from components.shared import assets
from components.shared.core import links
from components.shared.networks import network_artifact, weights
from components.shared.networks.engine_settings import EngineSettings
from components.shared.networks.settings import EmbedderSettings

_PHOTOS = 64
"""That principal components are found on: how good they are is not measured."""


def write(root: pathlib.Path, photos: Sequence[bytes], settings: EngineSettings) -> None:
  """Writes the artifacts `network` and `engine`, as their components do.

  Args:
    root: folder for both.
    photos: encoded, that calibrate int8.
    settings: which engine.
  """
  links.copy(_network(), str(root / "network"))
  (root / "engine").mkdir()
  build.build(settings, str(root / "network"), lambda count: photos[:count], str(root / "engine"))


@functools.cache
def _network() -> str:
  folder = tempfile.mkdtemp(prefix="bench-network-")
  atexit.register(shutil.rmtree, folder, ignore_errors=True)
  settings = EmbedderSettings(network="facenet")
  photos = sorted(assets.sample_photos().iterdir())[:_PHOTOS]
  network_artifact.make(
    settings, weights.locate(settings), folder, (photo.read_bytes() for photo in photos)
  )
  return folder
