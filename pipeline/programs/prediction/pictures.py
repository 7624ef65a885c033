"""Photos with a box around each face, and what the model says of it."""

import pathlib

from PIL import Image, ImageDraw

from components.shared.core import errors
from components.shared.data import photos as photos_lib
from pipeline.programs.prediction import output, prediction
from pipeline.programs.prediction import photos as reading

_SIDE = 1600
"""Pixels of the longer side, at most."""
_COLOUR, _GROUND = "#ffd400", "#101010"


class Pictures:
  """Writes them into a folder, one a photo, in the order of the predictions.

  Args:
    folder: made if it isn't there; pictures of earlier calls are replaced.
    files: by the name that predictions call a photo.
  """

  def __init__(self, folder: pathlib.Path, files: dict[str, pathlib.Path]):
    self._folder = folder
    self._files = files
    self._faces: list[prediction.Prediction] = []
    self._number = 0
    try:
      folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
      raise errors.UserError(f"{folder}: can't be made ({error.strerror})") from None

  def add(self, row: prediction.Prediction) -> None:
    """Takes a face, and writes the picture once it was the photo's last."""
    self._faces.append(row)
    if row.number == row.count:
      faces, self._faces = self._faces, []
      self._number += 1
      if row.reason is None:
        self._write(faces)

  def _write(self, faces: list[prediction.Prediction]) -> None:
    file = self._files[faces[0].photo]
    image = Image.fromarray(photos_lib.to_pixels(reading.read(file)))
    scale = min(1.0, _SIDE / max(image.size))
    image = image.resize([max(1, round(side * scale)) for side in image.size])
    draw = ImageDraw.Draw(image)
    for row in faces:
      box = [side * scale for side in row.box] if row.box else [0, 0, *image.size]
      text = "\n".join(
        f"{name}: {output.word(row, name)} ({row.probabilities[name]:.2f})" for name in row.labels
      )
      draw.rectangle(box, outline=_COLOUR, width=2)
      place = (box[0] + 3, box[1] + 3)
      draw.rectangle(draw.multiline_textbbox(place, text), fill=_GROUND)
      draw.multiline_text(place, text, fill=_COLOUR)
    path = self._folder / f"{self._number:06d}-{file.stem}.jpg"
    try:
      image.save(path, "JPEG", quality=90)
    except OSError as error:
      raise errors.UserError(f"{path}: can't be written ({error.strerror or error})") from None
