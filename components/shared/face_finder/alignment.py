"""Puts a face where aligned CelebA photos have it.

CelebA's photos were rotated, scaled and moved so that the eyes are in fixed
places (Liu, Luo, Wang and Tang, "Deep Learning Face Attributes in the Wild",
ICCV 2015, and the data set's own description).
"""

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 178, 218
"""Of an aligned photo, in pixels."""

TEMPLATE = np.array([[69.2, 112.9], [108.5, 111.7], [72.2, 154.4], [105.1, 153.3]])
"""Where `finder` sees eyes and corners of the mouth in aligned photos, in
pixels: the mean of 499 of the sample's 500, to a tenth."""
_EYES_AND_MOUTH = [0, 1, 3, 4]
"""The landmarks that are aligned. A nose moves aside when a head turns; with
it, and with the eyes alone, the sample's photos came out further from where
they already are: the middle of a face by 7.0 and 8.0 pixels at the 99th
percentile, in place of 5.8."""

_TOLERANCE = 0.1
"""How far the landmarks of an aligned photo may be from the template, root
mean square, in widths of the photo."""
_SHAPE_TOLERANCE = 0.02
"""How far the ratio of its sides may be from CelebA's, relative."""
_MARGIN = 4
"""Pixels around the face that interpolation looks at."""


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
  """The rotation, scale and shift that bring points nearest to others.

  The least-squares solution of Umeyama, "Least-squares estimation of
  transformation parameters between two point patterns", PAMI 13(4), 1991,
  equations 40 to 42, in the plane, where it has a closed form: with points as
  complex numbers, scale and rotation are one factor.

  Args:
    source: float [n, 2], at least two different points.
    target: float [n, 2].

  Returns:
    float64 [2, 3]: maps (x, y, 1) of `source` to (x, y) near `target`.

  Raises:
    ValueError: all points of `source` are the same.
  """
  source, target = (np.asarray(points, np.float64) @ [1, 1j] for points in (source, target))
  from_middle = source - source.mean()
  variance = np.sum(np.abs(from_middle) ** 2)
  if variance == 0:
    raise ValueError("all points are the same")
  factor = np.sum(np.conj(from_middle) * target) / variance
  shift = target.mean() - factor * source.mean()
  return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def has_shape(size: tuple[int, int]) -> bool:
  """Whether a photo's sides, width and height, are to each other as those of
  an aligned one."""
  width, height = size
  return abs(width * HEIGHT / (height * WIDTH) - 1) <= _SHAPE_TOLERANCE


def is_aligned(size: tuple[int, int], landmarks: np.ndarray) -> bool:
  """Whether a photo is one of an aligned face already.

  Args:
    size: width and height of the photo in pixels.
    landmarks: float [5, 2], as `finder.Face` has them.
  """
  if not has_shape(size):
    return False
  width, height = size
  scaled = landmarks[_EYES_AND_MOUTH] * (WIDTH / width, HEIGHT / height)
  distances = np.linalg.norm(scaled - TEMPLATE, axis=1)
  return bool(np.sqrt(np.mean(distances**2)) <= _TOLERANCE * WIDTH)


def to_template(landmarks: np.ndarray) -> np.ndarray:
  """What brings a face to where aligned photos have it.

  Args:
    landmarks: float [5, 2], as `finder.Face` has them.

  Returns:
    float64 [2, 3]: maps (x, y, 1) of the image to (x, y) of an aligned photo.

  Raises:
    ValueError: all landmarks are in one place.
  """
  return similarity(landmarks[_EYES_AND_MOUTH], TEMPLATE)


def degrees(transform: np.ndarray) -> float:
  """By how much a transform of `similarity` turns, -180 to 180."""
  return float(np.degrees(np.arctan2(transform[1, 0], transform[0, 0])))


def chained(first: np.ndarray, second: np.ndarray) -> np.ndarray:
  """Two transforms of `similarity`, one after the other, as one."""
  return second @ np.vstack([first, [0, 0, 1]])


def align(image: np.ndarray, transform: np.ndarray) -> np.ndarray:
  """A face out of an image, where aligned photos have it.

  What would lie beyond the image repeats its edge.

  Args:
    image: uint8 [h, w, 3].
    transform: float [2, 3], from the image to the aligned photo.

  Returns:
    uint8 [218, 178, 3].

  Raises:
    ValueError: the transform can't be undone.
  """
  # From the result to the image, as Pillow wants it.
  inverse = _inverted(transform)
  corners = np.array([[0, 0, 1], [WIDTH, 0, 1], [0, HEIGHT, 1], [WIDTH, HEIGHT, 1]]) @ inverse.T
  # Pixels of the image to one of the result. Pillow's filters see no further
  # than the next pixels, so that the image has to be shrunk beforehand.
  factor = max(1, int(np.hypot(inverse[0, 0], inverse[1, 0])))
  low = np.floor(corners.min(axis=0) / factor).astype(int) - _MARGIN
  high = np.ceil(corners.max(axis=0) / factor).astype(int) + _MARGIN
  around = Image.fromarray(_shrunk_region(image, low, high, factor))
  inverse /= factor
  inverse[:, 2] -= low
  return np.asarray(
    around.transform(
      (WIDTH, HEIGHT), Image.Transform.AFFINE, inverse.ravel(), Image.Resampling.BICUBIC
    )
  )


def _shrunk_region(image: np.ndarray, low: np.ndarray, high: np.ndarray, factor: int) -> np.ndarray:
  """A rectangle of an image; beyond the image its edges are repeated.

  Args:
    image: uint8 [h, w, 3].
    low: left and top of the rectangle, in pixels of the result.
    high: right and bottom.
    factor: how many pixels of the image to one of the result, to either side.
  """
  size = -(-np.array(image.shape[1::-1]) // factor)
  first = np.clip(low, 0, size - 1)
  last = np.clip(high, first + 1, size)
  inside = image[first[1] * factor : last[1] * factor, first[0] * factor : last[0] * factor]
  shrunk = np.asarray(Image.fromarray(inside).reduce(factor))
  beyond = np.stack([np.maximum(first - low, 0), np.maximum(high - last, 0)])
  return np.pad(shrunk, (*beyond.T[::-1].tolist(), (0, 0)), "edge")


def _inverted(transform: np.ndarray) -> np.ndarray:
  """The transform back, float64 [2, 3]."""
  try:
    return np.linalg.inv(np.vstack([transform, [0, 0, 1]]))[:2]
  except np.linalg.LinAlgError:
    raise ValueError("the transform can't be undone") from None
