"""FaceNet, exported with its real weights, and photos to learn from."""

from collections.abc import Callable, Sequence

import pytest

from components.shared.networks import network_artifact, weights
from components.shared.networks.settings import EmbedderSettings


@pytest.fixture(scope="session")
def facenet_uri(facenet_weights, unlabeled_photos, tmp_path_factory) -> str:
  """A Model artifact of EmbeddingNetwork."""
  settings = EmbedderSettings(weights=str(facenet_weights))
  uri = str(tmp_path_factory.mktemp("facenet"))
  network_artifact.make(settings, weights.locate(settings), uri, unlabeled_photos[:160])
  return uri


@pytest.fixture(scope="session")
def unlabeled_photos(sample_photos) -> list[bytes]:
  """The sample's photos from 000201 on, encoded."""
  return [path.read_bytes() for path in sorted(sample_photos.iterdir()) if path.stem >= "000201"]


@pytest.fixture(scope="session")
def read(unlabeled_photos) -> Callable[[int], Sequence[bytes]]:
  """read(count): the first photos."""
  return lambda count: unlabeled_photos[:count]
