"""Faces in places that are known, because aligned photos were put there."""

import numpy as np
import pytest
from PIL import Image

from components.shared.face_finder import alignment
from components.shared.face_finder import finder as finder_lib
from tests import canvases

EYES_AND_MOUTH = [0, 1, 3, 4]


def distance(face, pasted):
  """How far landmarks are from where they should be, root mean square, in
  pixels of the aligned photo."""
  expected = pasted.places(alignment.TEMPLATE)
  off = np.linalg.norm(face.landmarks[EYES_AND_MOUTH] - expected, axis=1)
  return np.sqrt(np.mean(off**2)) / pasted.scale


def test_aligned_photos_have_one_face_each(finder, sample_photos):
  found = [
    finder.find(canvases.pixels(Image.open(path)))
    for path in sorted(sample_photos.iterdir())[100:112]
  ]
  assert [len(faces) for faces in found] == [1] * 12
  landmarks = np.mean([faces[0].landmarks for faces in found], axis=0)
  np.testing.assert_allclose(landmarks[EYES_AND_MOUTH], alignment.TEMPLATE, atol=4)
  for (face,) in found:
    left, top, right, bottom = face.box
    assert 0 <= left < 89 < right <= 178 and 0 <= top < 130 < bottom <= 218
    assert finder_lib.MIN_SCORE <= face.score <= 1
    assert face.area == (right - left) * (bottom - top)


@pytest.mark.parametrize(
  "size, scale, degrees",
  [
    ((640, 480), 0.4, 0),
    ((640, 480), 1, 20),
    ((640, 480), 1, -45),
    ((500, 900), 2, -20),
    ((1600, 1200), 1, 0),
    ((1600, 1300), 5, 10),
  ],
)
def test_face_on_a_canvas(finder, sample_photos, size, scale, degrees):
  pasted = canvases.Pasted(
    sample_photos / "000201.jpg", (size[0] * 0.45, size[1] * 0.5), scale, degrees
  )
  (face,) = finder.find(canvases.pixels(canvases.canvas(size, pasted)))
  assert distance(face, pasted) < 12


def test_several_faces_the_largest_first(finder, sample_photos):
  pasted = [
    canvases.Pasted(sample_photos / "000007.jpg", (120, 150), 0.8),
    canvases.Pasted(sample_photos / "000009.jpg", (440, 240), 1.6),
    canvases.Pasted(sample_photos / "000020.jpg", (700, 330), 1.1),
  ]
  faces = finder.find(canvases.pixels(canvases.canvas((800, 480), *pasted)))
  assert len(faces) == 3
  for face, expected in zip(faces, (pasted[1], pasted[2], pasted[0]), strict=True):
    assert distance(face, expected) < 12


@pytest.mark.parametrize("size", [(640, 480), (16, 16), (5000, 20), (20, 3000), (33, 65)])
def test_no_face(finder, size):
  assert finder.find(canvases.pixels(canvases.canvas(size))) == []
  assert finder.find(np.full((*size[::-1], 3), 255, np.uint8)) == []


def test_grey_photo(finder, sample_photos):
  photo = Image.open(sample_photos / "000201.jpg")
  (colour,) = finder.find(canvases.pixels(photo))
  (grey,) = finder.find(canvases.pixels(photo.convert("L")))
  np.testing.assert_allclose(grey.landmarks, colour.landmarks, atol=5)


def test_decoding():
  """One hot cell, and what the others say there; another of the same face."""
  heat, sizes, offsets, landmarks = (
    np.zeros((channels, 8, 12), np.float32) for channels in (1, 2, 2, 10)
  )
  heat[0, 3, 5], heat[0, 3, 6], heat[0, 0, 0] = 0.9, 0.8, 0.4
  sizes[:, 3] = np.log([[10.0], [6.0]])  # Height and width, in cells.
  offsets[:, 3, 5] = 0.25, -0.5
  landmarks[0:2, 3, 5] = 0.5, 0.25
  (face,) = finder_lib._decode([heat, sizes, offsets, landmarks], 2, 90, 50)
  # The middle is at x = (5 + 0.5 - 0.5) * 4 and y = (3 + 0.5 + 0.25) * 4, the
  # box 24 x 40; twice as large in the image, and cut off at its edges.
  assert face.box == pytest.approx((16, 0, 64, 50))
  assert face.score == pytest.approx(0.9)
  np.testing.assert_allclose(face.landmarks[0], [28, 30], rtol=1e-5)
