"""Finds faces and their landmarks, with CenterFace in ONNX Runtime.

Xu, Yan, Yang, Liu and Yin, "CenterFace: Joint Face Detection and Alignment
Using Face as Point", arXiv:1911.03599. The weights are a file out of a
package, none of whose code is run.
"""

import dataclasses
import math
import os
import pathlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from components.shared.core import errors, regular_file
from components.shared.face_finder import input_shapes

MIN_SCORE = 0.5
"""Of 500 aligned photos with one face each, 499 scored 0.72 or more."""
MIN_WIDTH = 16
"""Of a face, in pixels: there is nothing to be seen in smaller ones."""

_MOST_BYTES = 100 << 20
_INPUT = "input.1"
_OUTPUTS = ("537", "538", "539", "540")  # Heat map, sizes, offsets, landmarks.
_STRIDE = 4
"""Pixels of the input to a cell of the outputs: the paper's R."""
_MULTIPLE = 32
"""The network halves its input five times, and adds up what it has then with
what it had before, so that no half may be rounded."""
_PIXELS = 640 * 480
"""An image is shrunk to so many: faces are then found that are a twentieth as
wide as a photo, and the largest are not too large."""
_GLANCE = 96 * 117
"""Pixels that are enough to see whether a photo is aligned: it becomes 96 x 117."""
_LEAST_SIDE = 128
"""Smaller images are enlarged: the heat map has a quarter of their width."""
_MAX_OVERLAP = 0.3
"""Of two boxes, intersection over union: more, and they are of one face. The
threshold of the authors' demonstration."""


@dataclasses.dataclass(frozen=True, eq=False)
class Face:
  """A face in an image.

  Attributes:
    box: left, top, right and bottom in pixels, within the image.
    landmarks: float32 [5, 2], x and y in pixels, of the eyes, the tip of the
      nose and the corners of the mouth, what is left in the image first.
    score: how sure the network is, 0 to 1.
  """

  box: tuple[float, float, float, float]
  landmarks: np.ndarray
  score: float

  @property
  def area(self) -> float:
    """Of the box, in square pixels."""
    left, top, right, bottom = self.box
    return (right - left) * (bottom - top)


class FaceFinder:
  """The network, loaded; safe to be used by several threads at once.

  Each call takes one thread of the processor, so that several photos can be
  searched side by side.
  """

  def __init__(self, model_file: os.PathLike):
    """Loads the network.

    Args:
      model_file: `centerface.onnx`.

    Raises:
      UserError: ONNX is not installed.
    """
    try:
      import onnxruntime  # Heavy, and not everybody's.
    except ImportError:
      raise errors.UserError(
        "finding faces needs the Python package onnxruntime, which is not "
        "installed; install it, or give aligned photos with --as-is"
      ) from None

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # Else it names every unused weight.
    self._session = onnxruntime.InferenceSession(
      _of_any_size(os.fspath(model_file)), options, providers=["CPUExecutionProvider"]
    )

  def find(self, image: np.ndarray, glance: bool = False) -> list[Face]:
    """The faces of an image, the largest first.

    Args:
      image: uint8 [h, w, 3], RGB.
      glance: whether faces that fill half of the image are enough, less
        precisely: takes a third of the time of an aligned photo, and a
        thirtieth of that of others.
    """
    pixels, shrunk = _input_of(image, _GLANCE if glance else _PIXELS, 0 if glance else _LEAST_SIDE)
    outputs = self._session.run(list(_OUTPUTS), {_INPUT: pixels})
    faces = _decode([output[0] for output in outputs], 1 / shrunk, image.shape[1], image.shape[0])
    return sorted(faces, key=lambda face: -face.area)


def _of_any_size(model_file: str) -> bytes:
  """The network; its file says that it takes ten images of 32 x 32."""
  model = regular_file.read(pathlib.Path(model_file), _MOST_BYTES)
  return input_shapes.free(model, (_INPUT,), _OUTPUTS, (0, 2, 3))


def _input_of(image: np.ndarray, most_pixels: int, least_side: int) -> tuple[np.ndarray, float]:
  """The network's input, float32 [1, 3, h, w], RGB, 0 to 255, and how many of
  its pixels go to one of the image."""
  height, width = image.shape[:2]
  scale = max(least_side / max(height, width), min(1, math.sqrt(most_pixels / (height * width))))
  size = [max(1, round(side * scale)) for side in (width, height)]
  resized = np.asarray(
    Image.fromarray(image).resize(size, Image.Resampling.BILINEAR, reducing_gap=2)
  )
  beyond = [(0, -side % _MULTIPLE) for side in resized.shape[:2]]
  padded = np.pad(resized, (*beyond, (0, 0)))
  return padded.transpose(2, 0, 1)[np.newaxis].astype(np.float32), scale


def _decode(outputs: Sequence[np.ndarray], scale: float, width: int, height: int) -> list[Face]:
  """Faces out of the network's four outputs, each [channels, h, w].

  A cell that is hot is the middle of a face. There, the other outputs give
  y before x: the logarithm of the box's size in cells; how far its middle is
  from the cell's, in cells; and the landmarks from the box's upper left corner
  on, in heights and widths of the box. That is how the authors' demonstration
  reads the outputs (github.com/Star-Clouds/CenterFace), where the paper leaves
  it open.

  Args:
    outputs: of one image; the heat map's values are 0 to 1.
    scale: pixels of the image to one of the input.
    width: of the image in pixels.
    height: of the image in pixels.
  """
  heat, sizes, offsets, landmarks = outputs
  rows, columns = np.nonzero(heat[0] >= MIN_SCORE)
  scores = heat[0, rows, columns]
  extents = np.exp(sizes[::-1, rows, columns].T) * _STRIDE
  middles = (np.stack([columns, rows], axis=1) + 0.5 + offsets[::-1, rows, columns].T) * _STRIDE
  corners = middles - extents / 2
  boxes = np.concatenate([corners, corners + extents], axis=1) * scale
  points = landmarks[:, rows, columns].T.reshape(-1, 5, 2)[:, :, ::-1]
  points = (points * extents[:, np.newaxis] + corners[:, np.newaxis]) * scale
  chosen: list[int] = []
  for index in np.argsort(-scores, kind="stable"):
    if boxes[index, 2] - boxes[index, 0] >= MIN_WIDTH and all(
      _overlap(boxes[index], boxes[other]) <= _MAX_OVERLAP for other in chosen
    ):
      chosen.append(index)
  limits = np.array([width, height, width, height])
  return [
    Face(
      box=tuple(np.clip(boxes[index], 0, limits).tolist()),
      landmarks=points[index].astype(np.float32),
      score=float(scores[index]),
    )
    for index in chosen
  ]


def _overlap(box: np.ndarray, other: np.ndarray) -> float:
  """Intersection over union of two boxes."""
  common = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
  intersection = np.prod(np.maximum(common, 0))
  areas = np.prod(box[2:] - box[:2]) + np.prod(other[2:] - other[:2])
  return float(intersection / (areas - intersection))
