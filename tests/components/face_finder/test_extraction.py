"""Faces come out as they were before they were put on a canvas."""

import numpy as np
import pytest
from PIL import Image

from components.shared.face_finder import extraction
from tests import canvases


def test_aligned_photos_are_left_alone(finder, sample_photos):
  # Of 000087, the finder sees others in the background as well.
  for name in ("000007.jpg", "000087.jpg", "000300.jpg"):
    photo = Image.open(sample_photos / name)
    for image in (photo, photo.resize((534, 654))):
      (found,) = extraction.extract(finder, canvases.pixels(image))
      assert found.aligned is None
      assert found.face.area > 0.15 * image.width * image.height


@pytest.mark.parametrize("scale, degrees", [(0.6, 0), (1, 30), (1.4, 90), (3, -10)])
def test_face_is_put_back(finder, sample_photos, scale, degrees):
  photo = sample_photos / "000201.jpg"
  image = canvases.pixels(
    canvases.canvas((900, 800), canvases.Pasted(photo, (430, 410), scale, degrees))
  )
  (found,) = extraction.extract(finder, image)
  original = canvases.pixels(Image.open(photo))
  assert canvases.likeness(found.aligned, original) > 0.75
  # Which says something: it is not so of another face.
  other = canvases.pixels(Image.open(sample_photos / "000202.jpg"))
  assert canvases.likeness(found.aligned, other) < 0.7


def test_all_faces_or_the_largest(finder, sample_photos):
  image = canvases.pixels(
    canvases.canvas(
      (800, 480),
      canvases.Pasted(sample_photos / "000007.jpg", (180, 200)),
      canvases.Pasted(sample_photos / "000009.jpg", (560, 240), 1.6),
    )
  )
  both = extraction.extract(finder, image)
  (largest,) = extraction.extract(finder, image, largest=True)
  assert len(both) == 2
  assert largest.face.box == both[0].face.box
  np.testing.assert_array_equal(largest.aligned, both[0].aligned)
  original = canvases.pixels(Image.open(sample_photos / "000009.jpg"))
  assert canvases.likeness(largest.aligned, original) > 0.75
