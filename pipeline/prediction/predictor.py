"""Labels photos with a pushed model."""

import pathlib
from typing import Iterable, Iterator, List, Tuple

from components.face_example_gen import photos as photos_lib
from pipeline.prediction import photos as reading
from pipeline.prediction import prediction
from pipeline.prediction import pushed_model

_BATCH = 32

NamedPhoto = Tuple[str, reading.Content]


class Predictor:
  """Loads what it takes once; safe to be used by several threads at once.

  Attributes:
    attributes: what it labels, sorted.
  """

  def __init__(self, model_path: pathlib.Path, *, find: bool = True):
    """Loads the model.

    Args:
      model_path: a pushed model's folder.
      find: whether faces will have to be found: loads the finder now.

    Raises:
      UserError: the folder holds no model of this pipeline; the finder can't
        be fetched.
    """
    del find
    self._model = pushed_model.PushedModel(model_path)
    self.attributes: List[str] = self._model.attributes

  def predict(self, photos: Iterable[NamedPhoto],
              faces: prediction.Faces = "all"
              ) -> Iterator[prediction.Prediction]:
    """Labels the faces of photos.

    Args:
      photos: names, and bytes or files.
      faces: which of a photo's faces.

    Yields:
      In the photos' order at least one for each: for each of its faces, or
      the reason why it has none.
    """
    del faces
    batch = []
    for photo in photos:
      batch.append(photo)
      if len(batch) == _BATCH:
        yield from self._predict_batch(batch)
        batch = []
    if batch:
      yield from self._predict_batch(batch)

  def _predict_batch(self, photos: List[NamedPhoto]
                     ) -> List[prediction.Prediction]:
    readable, reasons = {}, {}
    for row, (_, content) in enumerate(photos):
      try:
        readable[row] = photos_lib.to_jpeg(reading.read(content))
      except photos_lib.PhotoError as error:
        reasons[row] = str(error)
    outputs = (self._model.classify(list(readable.values()))
               if readable else None)
    position = {row: index for index, row in enumerate(readable)}
    predictions = []
    for row, (name, _) in enumerate(photos):
      if row in reasons:
        predictions.append(
            prediction.Prediction(photo=name, reason=reasons[row]))
        continue
      at = position[row]
      predictions.append(prediction.Prediction(
          photo=name,
          labels={a: int(outputs.labels[a][at]) for a in self.attributes},
          probabilities={a: float(outputs.probabilities[a][at])
                         for a in self.attributes},
          embedding=outputs.embeddings[at], face=readable[row]))
    return predictions
