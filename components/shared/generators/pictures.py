"""Pictures of synthetic faces for people to look at."""

import os
import urllib.parse
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFont

_GAP = 8
_TITLE = 28
_FONT_SIZE = 16
_INK = (32, 32, 32)
_PAPER = (255, 255, 255)


def contact_sheet(
  titles: Sequence[str], faces: Sequence[np.ndarray], columns: int, zoom: int = 1
) -> Image.Image:
  """Grids of faces side by side, each under its title.

  Args:
    titles: one for each grid.
    faces: one uint8 [n, s, s, 3] for each grid.
    columns: of each grid.
    zoom: how many times as large faces are drawn.
  """
  grids = [_grid(images, columns, zoom) for images in faces]
  width = sum(g.width for g in grids) + _GAP * (len(grids) + 1)
  height = max(g.height for g in grids) + _TITLE + _GAP
  sheet = Image.new("RGB", (width, height), _PAPER)
  left = _GAP
  for title, grid in zip(titles, grids, strict=True):
    _write(sheet, (left, _TITLE // 2), title, anchor="lm")
    sheet.paste(grid, (left, _TITLE))
    left += grid.width + _GAP
  return sheet


def strips(titles: Sequence[str], rows: Sequence[np.ndarray], zoom: int = 1) -> Image.Image:
  """Rows of faces along a direction, with titles above evenly spread columns.

  Args:
    titles: two or more; the first is above the left edge, the last ends at
      the right.
    rows: uint8 [n, s, s, 3] each.
    zoom: how many times as large faces are drawn.
  """
  grid = _grid(np.concatenate(rows), len(rows[0]), zoom)
  sheet = Image.new("RGB", (grid.width + 2 * _GAP, grid.height + _TITLE + _GAP), _PAPER)
  anchors = ["lm"] + ["mm"] * (len(titles) - 2) + ["rm"]
  for index, (title, anchor) in enumerate(zip(titles, anchors, strict=True)):
    x = _GAP + grid.width * index // (len(titles) - 1)
    _write(sheet, (x, _TITLE // 2), title, anchor)
  sheet.paste(grid, (_GAP, _TITLE))
  return sheet


def path(folder: str, attribute: str, kind: str) -> str:
  """The file of a picture; attributes may hold what file names may not."""
  return os.path.join(folder, urllib.parse.quote(f"{attribute} {kind}", safe=" ") + ".png")


def title(path_: str) -> str:
  """What a file of `path` shows."""
  return urllib.parse.unquote(os.path.splitext(os.path.basename(path_))[0])


def save(image: Image.Image, path: str) -> None:
  """Writes a PNG file."""
  with tf.io.gfile.GFile(path, "wb") as file:
    image.save(file, format="PNG")


def _grid(images: np.ndarray, columns: int, zoom: int) -> Image.Image:
  side = images.shape[1]
  rows: list[np.ndarray] = []
  for start in range(0, len(images), columns):
    row = np.full((side, columns * side, 3), 255, np.uint8)
    line = np.concatenate(list(images[start : start + columns]), axis=1)
    row[:, : line.shape[1]] = line
    rows.append(row)
  grid = Image.fromarray(np.concatenate(rows))
  return grid.resize((grid.width * zoom, grid.height * zoom), Image.Resampling.BICUBIC)


def _write(sheet: Image.Image, where, text: str, anchor: str) -> None:
  ImageDraw.Draw(sheet).text(
    where, text, fill=_INK, anchor=anchor, font=ImageFont.load_default(_FONT_SIZE)
  )
