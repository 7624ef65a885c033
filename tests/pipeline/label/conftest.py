"""A labeller's work on photos of the sample, without a network."""

import contextlib
import io
import threading

import numpy as np
import pytest
from PIL import Image

from components.shared.data import sources
from pipeline.programs.label import app as app_lib
from pipeline.programs.label import book as book_lib
from pipeline.programs.label import check as check_lib
from pipeline.programs.label import order
from pipeline.programs.label import photos as photos_lib
from pipeline.programs.label import session as session_lib
from pipeline.programs.web import server as server_lib


class Brightness:
  """An embedder by which faces are bright or dark; enough to audit labels of
  just that."""

  def embed(self, jpegs):
    """Float [n, 2]: mean of the pixels."""
    means = np.array(
      [np.asarray(Image.open(io.BytesIO(jpeg)).convert("L")).mean() for jpeg in jpegs]
    )
    return np.stack([means, np.ones_like(means)], axis=1)


@pytest.fixture
def folder(tmp_path, sample_photos):
  """A function: a folder of so many of the sample's photos."""

  def make(count):
    place = tmp_path / "photos"
    place.mkdir()
    for path in sorted(sample_photos.glob("*.jpg"))[:count]:
      (place / path.name).write_bytes(path.read_bytes())
    return place

  return make


@pytest.fixture
def opened(tmp_path):
  """A function: session, photos and check of a folder; closed in the end."""
  with contextlib.ExitStack() as stack:

    def make(place, by=order.NAME, plan=None, command=""):
      photos = photos_lib.Photos(sources.open_photos(str(place)))
      book = book_lib.Book(tmp_path / "labels.csv", "Male")
      check = check_lib.Check(photos, Brightness)
      session = session_lib.Session(
        book,
        photos,
        order.arrange(photos.image_ids, by, 0),
        check,
        by,
        command,
        plan or session_lib.Plan(),
      )
      stack.callback(session.close)
      return session, photos, check

    yield make


@pytest.fixture
def serve():
  """A function: serves a session; gives the page's address."""
  with contextlib.ExitStack() as stack:

    def start(session, photos, door=None):
      server = server_lib.Server(app_lib.create(session, photos, door))
      thread = threading.Thread(target=server.run)
      thread.start()
      stack.callback(thread.join)
      stack.callback(server.stop)
      return server.url

    yield start
