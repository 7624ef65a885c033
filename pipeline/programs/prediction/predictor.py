"""Labels the faces of photos with a pushed model."""

import collections
import dataclasses
import pathlib
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import Any

from components.shared.core import hardware
from components.shared.data import photos as photos_lib
from components.shared.face_finder import finder as finder_lib
from pipeline.programs.prediction import faces as faces_lib
from pipeline.programs.prediction import photos as reading
from pipeline.programs.prediction import prediction, pushed_model, run_engine

_BATCH = 32
"""Faces that are embedded at once, as in training."""
_AHEAD = 2 * _BATCH
"""Photos that are read while others are embedded."""

Band = tuple[float, float]
"""The lower and the upper of two probabilities."""
NamedPhoto = tuple[str, reading.Content]


@dataclasses.dataclass(frozen=True, eq=False)
class _Ready:
  """A face that waits for the network, or a photo's reason to have none."""

  photo: str
  face: faces_lib.FaceOfPhoto | None = None
  prepared: Any = None
  number: int = 1
  count: int = 1
  reason: str | None = None


class Predictor:
  """Loads what it takes once; safe to be used by several threads at once.

  Attributes:
    attributes: what it labels, sorted.
    thresholds: by attribute, the probability from which on a label is 1.
    engine: what embeds: the kind of the run's engine, or the model itself.
  """

  def __init__(
    self,
    model_path: pathlib.Path,
    *,
    find: bool = True,
    engine: run_engine.RunEngine | None = None,
    uncertain: Band | None = None,
    log: Callable[[prediction.Prediction], object] | None = None,
  ):
    """Loads the model, and what embeds.

    Args:
      model_path: a pushed model's folder.
      find: whether faces will have to be found: loads the finder now, and not
        when it is needed.
      engine: what embeds; default: the engine of the model's run, if that is
        here, or else the model.
      uncertain: two probabilities; what lies between them is uncertain.
      log: told every prediction before it is handed out.

    Raises:
      UserError: the folder holds no model of this pipeline; the finder can't
        be fetched.
    """
    self._model = pushed_model.PushedModel(model_path, engine)
    self.attributes: list[str] = self._model.attributes
    self.thresholds: dict[str, float] = self._model.thresholds
    self.engine: str = self._model.engine
    self._uncertain = uncertain
    self._log = log
    self._lock = threading.Lock()
    self._loaded_finder: finder_lib.FaceFinder | None = None
    if find:
      self._finder()

  def predict(
    self, photos: Iterable[NamedPhoto], faces: prediction.Faces = "all"
  ) -> Iterator[prediction.Prediction]:
    """Labels the faces of photos.

    Photos are read, searched and decoded by threads while the network is busy
    with those before them.

    Args:
      photos: names, and bytes or files.
      faces: which of a photo's faces.

    Yields:
      In the photos' order at least one for each: for each of its faces, or
      the reason why it has none.

    Raises:
      UserError: the finder can't be fetched.
    """
    finder = None if faces == "as-is" else self._finder()
    largest = faces == "largest"
    waiting: list[_Ready] = []
    threads = futures.ThreadPoolExecutor(hardware.threads(), "photos")
    try:
      for ready in _in_order(threads, lambda photo: self._ready(photo, finder, largest), photos):
        waiting += ready
        if len(waiting) >= _BATCH:
          yield from self._logged(waiting)
          waiting = []
      yield from self._logged(waiting)
    finally:
      threads.shutdown(cancel_futures=True)

  def _finder(self) -> finder_lib.FaceFinder:
    with self._lock:
      if self._loaded_finder is None:
        self._loaded_finder = faces_lib.load_finder()
      return self._loaded_finder

  def _ready(
    self, photo: NamedPhoto, finder: finder_lib.FaceFinder | None, largest: bool
  ) -> list[_Ready]:
    """All that one photo takes before the network."""
    name, content = photo
    try:
      found = faces_lib.of_photo(reading.read(content), finder, largest, self._model.embeds_itself)
      return [
        _Ready(name, face, self._model.prepare(face.jpeg), number, len(found))
        for number, face in enumerate(found, 1)
      ]
    except photos_lib.PhotoError as error:
      return [_Ready(name, reason=str(error))]

  def _logged(self, waiting: list[_Ready]) -> Iterator[prediction.Prediction]:
    for row in self._label(waiting):
      if self._log is not None:
        self._log(row)
      yield row

  def _is_uncertain(self, probability: float) -> bool:
    return self._uncertain is not None and (self._uncertain[0] <= probability < self._uncertain[1])

  def _label(self, waiting: list[_Ready]) -> Iterator[prediction.Prediction]:
    faces = [ready for ready in waiting if ready.reason is None]
    outputs = faces and self._model.classify([ready.prepared for ready in faces])
    row = 0
    for ready in waiting:
      if ready.reason is not None:
        yield prediction.Prediction(photo=ready.photo, reason=ready.reason)
        continue
      probabilities = {n: float(outputs.probabilities[n][row]) for n in self.attributes}
      yield prediction.Prediction(
        photo=ready.photo,
        number=ready.number,
        count=ready.count,
        labels={name: int(outputs.labels[name][row]) for name in self.attributes},
        probabilities=probabilities,
        uncertain=tuple(n for n, value in probabilities.items() if self._is_uncertain(value)),
        found=ready.face.found,
        embedding=outputs.embeddings[row],
        face=ready.face.jpeg,
        box=ready.face.box,
        score=ready.face.score,
      )
      row += 1


def _in_order(threads: futures.Executor, work, items: Iterable[Any]) -> Iterator[Any]:
  """`work` of each item, in their order; not too far ahead of who takes it."""
  started: collections.deque[futures.Future] = collections.deque()
  for item in items:
    started.append(threads.submit(work, item))
    if len(started) > _AHEAD:
      yield started.popleft().result()
  while started:
    yield started.popleft().result()
