"""Photos in, labels out, with a pushed model."""

import dataclasses
import pathlib
from typing import Dict, Iterable, Iterator, List, Optional, Sequence

import tensorflow as tf

from components import errors
from components import examples
from components.classifier import serving
from components.face_example_gen import photos as photos_lib
from components.face_example_gen import source as source_lib

_BATCH = 32


@dataclasses.dataclass(frozen=True)
class Prediction:
  """A photo's labels and their probabilities, or the reason why it has none.

  Attributes:
    photo: its file.
    labels: 1 or 0 by attribute.
    probabilities: of 1, by attribute.
    reason: why there are none, or None.
  """
  photo: pathlib.Path
  labels: Dict[str, int] = dataclasses.field(default_factory=dict)
  probabilities: Dict[str, float] = dataclasses.field(default_factory=dict)
  reason: Optional[str] = None


def find_photos(paths: Iterable[pathlib.Path]) -> List[pathlib.Path]:
  """Photos themselves, and those directly in folders, sorted.

  Raises:
    UserError: a path that is not there, a folder without photos.
  """
  found = []
  for path in paths:
    if path.is_dir():
      inside = sorted(p for p in path.iterdir()
                      if p.is_file() and source_lib.is_photo(p.name))
      if not inside:
        raise errors.UserError(f"{path}: this folder holds no photos")
      found.extend(inside)
    elif path.exists():
      found.append(path)
    else:
      raise errors.UserError(f"{path}: no such photo or folder")
  return found


def predict(photos: Sequence[pathlib.Path],
            model_path: pathlib.Path) -> Iterator[Prediction]:
  """Predictions in the photos' order.

  Raises:
    UserError: the folder holds no model of this pipeline.
  """
  try:
    signature = tf.saved_model.load(
        str(model_path)).signatures["serving_default"]
  except (OSError, KeyError):
    raise errors.UserError(f"{model_path}: no pushed model is here") from None
  for start in range(0, len(photos), _BATCH):
    yield from _predict_batch(photos[start:start + _BATCH], signature)


def _predict_batch(photos, signature) -> List[Prediction]:
  readable, predictions = {}, {}
  for photo in photos:
    try:
      readable[photo] = photos_lib.to_jpeg(photo.read_bytes())
    except photos_lib.PhotoError as error:
      predictions[photo] = Prediction(photo, reason=str(error))
    except OSError as error:
      predictions[photo] = Prediction(photo, reason=error.strerror)
  if readable:
    outputs = signature(image=tf.constant(list(readable.values())))
    attributes = serving.attributes_of(outputs)
    for row, photo in enumerate(readable):
      predictions[photo] = Prediction(
          photo,
          {name: int(outputs[examples.label(name)][row, 0])
           for name in attributes},
          {name: float(outputs[serving.probability_of(name)][row, 0])
           for name in attributes})
  return [predictions[photo] for photo in photos]
