"""Contact sheets and strips."""

import numpy as np
from PIL import Image

from components.shared.generators import pictures


def _faces(count: int, value: int) -> np.ndarray:
  return np.full([count, 8, 8, 3], value, np.uint8)


def test_contact_sheet_has_a_half_for_each_class():
  sheet = np.asarray(
    pictures.contact_sheet(["has", "has not"], [_faces(5, 10), _faces(5, 99)], columns=3)
  )
  left, right = np.split(sheet, 2, axis=1)
  # Five faces of 8 x 8 each; text is grey and thin.
  assert (left == 10).all(axis=2).sum() == 5 * 64
  assert (right == 99).all(axis=2).sum() == 5 * 64


def test_strips_are_rows_of_faces():
  row = np.concatenate([_faces(1, v) for v in (10, 99, 200)])
  strip = np.asarray(pictures.strips(["has not", "has"], [row, row]))
  columns = [np.nonzero((strip == v).all(axis=2))[1].mean() for v in (10, 99, 200)]
  assert columns == sorted(columns)


def test_save_writes_a_png(tmp_path):
  path = tmp_path / "sheet.png"
  pictures.save(pictures.contact_sheet(["a"], [_faces(2, 7)], 2), str(path))
  with Image.open(path) as image:
    assert image.format == "PNG"
