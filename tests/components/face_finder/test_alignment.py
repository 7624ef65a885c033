"""Transforms against known ones, pixels against formulas."""

import numpy as np
import pytest

from components.shared.face_finder import alignment


def transform(scale, degrees, shift):
  angle = np.radians(degrees)
  cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
  return np.array([[cosine, -sine, shift[0]], [sine, cosine, shift[1]]])


def moved(points, matrix):
  return points @ matrix[:, :2].T + matrix[:, 2]


def landmarks_of(points):
  """Five landmarks, the nose where no aligned face has it."""
  return np.insert(points, 2, [7.0, 7.0], axis=0)


@pytest.mark.parametrize("scale, degrees", [(1, 0), (0.3, 45), (12, -170), (2, 90)])
def test_known_transform_is_recovered(scale, degrees):
  expected = transform(scale, degrees, (40, -300))
  points = alignment.TEMPLATE
  found = alignment.similarity(points, moved(points, expected))
  np.testing.assert_allclose(found, expected, atol=1e-9)
  assert alignment.degrees(found) == pytest.approx(degrees)


def test_least_squares():
  """As a general solver has it, for points that no similarity brings there."""
  rng = np.random.default_rng(0)
  source, target = rng.normal(size=(2, 6, 2)) * 50
  rows = [row for x, y in source for row in ([x, -y, 1, 0], [y, x, 0, 1])]
  a, b, x, y = np.linalg.lstsq(np.array(rows), target.ravel(), rcond=None)[0]
  np.testing.assert_allclose(
    alignment.similarity(source, target), [[a, -b, x], [b, a, y]], atol=1e-9
  )


def test_no_transform_of_a_single_place():
  with pytest.raises(ValueError):
    alignment.similarity(np.ones((4, 2)), alignment.TEMPLATE)


def test_chain_of_transforms():
  first, second = transform(2, 30, (5, 6)), transform(0.7, -80, (-50, 3))
  points = alignment.TEMPLATE
  np.testing.assert_allclose(
    moved(points, alignment.chained(first, second)), moved(moved(points, first), second)
  )


@pytest.mark.parametrize("scale, degrees", [(0.7, 15), (1, 0), (1.5, -30), (2.3, 0), (3.1, 90)])
def test_every_pixel_comes_from_its_place(scale, degrees):
  """In an image whose colours say where they are."""
  middle = np.array([400.0, 350.0])
  to_image = transform(scale, degrees, (0, 0))
  to_image[:, 2] = middle - moved(np.array([[89.0, 109.0]]), to_image)[0]
  # A level of colour is a pixel of the result, or one and a half.
  y, x = np.mgrid[:700, :800] + 0.5
  colours = [128 + (x - 400) / (1.5 * scale), 128 + (y - 350) / (1.5 * scale)]
  image = np.stack([*colours, x * 0], axis=-1).clip(0, 255).round()
  landmarks = landmarks_of(moved(alignment.TEMPLATE, to_image))
  aligned = alignment.align(image.astype(np.uint8), alignment.to_template(landmarks))
  assert aligned.shape == (218, 178, 3) and aligned.dtype == np.uint8
  y, x = np.mgrid[:218, :178] + 0.5
  expected = 128 + (moved(np.stack([x, y], axis=-1).reshape(-1, 2), to_image) - middle) / (
    1.5 * scale
  )
  off = aligned[..., :2].reshape(-1, 2) - expected
  # Pillow cuts fractions off, half a level on average.
  np.testing.assert_allclose(off.mean(axis=0), -0.25, atol=0.3)
  assert np.abs(off).max() < 2


def test_edges_go_on():
  image = np.zeros((218, 178, 3), np.uint8)
  image[:, :89] = 200
  landmarks = landmarks_of(alignment.TEMPLATE - (60, 0))
  aligned = alignment.align(image, alignment.to_template(landmarks))
  assert (aligned[:, :140] == 200).all() and (aligned[:, 155:] == 0).all()


@pytest.mark.parametrize(
  "size, shift, expected",
  [
    ((178, 218), 0, True),
    ((356, 436), 0, True),
    ((1780, 2180), 12, True),
    ((178, 218), 20, False),
    ((178, 178), 0, False),
    ((436, 356), 0, False),
  ],
)
def test_what_counts_as_aligned(size, shift, expected):
  points = (alignment.TEMPLATE + (shift, 0)) * (size[0] / 178)
  assert alignment.is_aligned(size, landmarks_of(points)) is expected
