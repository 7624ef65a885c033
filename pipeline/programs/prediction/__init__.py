"""Photos in, labels out, with a pushed model.

from pipeline.programs.prediction import predict

for face in predict(["holiday.jpg"], model="output/smiling/model/1760000000"):
  print(face.photo, face.labels, face.probabilities, face.reason)
"""

import os
import pathlib
from collections.abc import Iterable, Iterator

from pipeline.programs.prediction import prediction, predictor

FACES = prediction.FACES
Faces = prediction.Faces
Prediction = prediction.Prediction
Predictor = predictor.Predictor


def predict(
  photos: Iterable[str | os.PathLike],
  model: str | os.PathLike,
  faces: Faces = "all",
  uncertain: predictor.Band | None = None,
) -> Iterator[Prediction]:
  """Labels the faces of photos; one `Predictor` serves many calls quicker.

  Args:
    photos: their files.
    model: a pushed model's folder.
    faces: which of a photo's faces.
    uncertain: two probabilities; what lies between them is uncertain.

  Yields:
    In the photos' order at least one for each: for each of its faces, or the
    reason why it has none.

  Raises:
    UserError: the folder holds no model of this pipeline; the finder of faces
      can't be fetched.
  """
  loaded = predictor.Predictor(pathlib.Path(model), find=faces != "as-is", uncertain=uncertain)
  yield from loaded.predict(((os.fspath(photo), pathlib.Path(photo)) for photo in photos), faces)
