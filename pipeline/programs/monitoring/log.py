"""What `predict --log` keeps: one file of counts for each call.

| key      | what                                                              |
|----------|-------------------------------------------------------------------|
| time     | of the call's end, ISO 8601 in UTC                                |
| model    | number of the pushed version                                      |
| baseline | the key of the baseline whose bins are counted in                 |
| photos   | that were looked at                                               |
| failed   | photos without a prediction, by reason                            |
| counts   | faces by slice, figure and bin, as `monitoring.Baseline.count`    |
| moments  | `faces`, `mean` and `variance` of each value of the embeddings,   |
|          | standardised; null where they are of fewer than 10 faces          |
"""

import collections
import dataclasses
import datetime
import json
import pathlib
import uuid
from typing import Any

import numpy as np

from components.shared.core import errors, regular_file
from components.shared.learning import monitoring
from pipeline import run_folder
from pipeline.programs.prediction import prediction

_AT_ONCE = 256
_MOST_REASON = 60
_MOST_BYTES = 16 << 20


class Log:
  """Of one call; what it is told is forgotten once it is counted."""

  def __init__(self, folder: pathlib.Path, model: pathlib.Path):
    """Opens it.

    Args:
      folder: made if it is not there.
      model: the pushed model's folder.

    Raises:
      UserError: the model has no baseline; the folder can't be made.
    """
    self._folder = folder
    self._model = model.absolute().name
    self._baseline = monitoring.read(model)
    self._counts = np.zeros_like(self._baseline.counts)
    self._sums = np.zeros((2, len(self._baseline.mean)))
    self._photos = 0
    self._failed: collections.Counter[str] = collections.Counter()
    self._waiting: list[prediction.Prediction] = []
    try:
      folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
      raise _unwritable(folder, error) from None

  def add(self, row: prediction.Prediction) -> None:
    """Counts what was said of a face, or that a photo has none."""
    self._photos += row.number == row.count
    if row.reason is not None:
      self._failed[errors.shown(row.reason, _MOST_REASON)] += 1
      return
    self._waiting.append(row)
    if len(self._waiting) >= _AT_ONCE:
      self._count()

  def write(self, now: datetime.datetime | None = None, name: str | None = None) -> pathlib.Path:
    """Writes the call's file, whole or not at all.

    Args:
      now: the time; default: this machine's.
      name: of the file, less its suffix, which takes the place of one of that
        name; default: one of its own.

    Raises:
      UserError: it can't be written.
    """
    self._count()
    now = (now or datetime.datetime.now()).astimezone(datetime.timezone.utc)
    faces = int(self._counts[0, 0].sum())
    content = {
      "time": now.isoformat(timespec="seconds"),
      "model": self._model,
      "baseline": self._baseline.key,
      "photos": self._photos,
      "failed": dict(self._failed),
      "counts": monitoring.without_few(self._counts).tolist(),
      "moments": self._moments(faces) if faces >= monitoring.FEWEST else None,
    }
    name = name or f"{now:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:12]}"
    path = self._folder / f"{name}.json"
    try:
      run_folder.write_text(path, json.dumps(content) + "\n")
    except OSError as error:
      raise _unwritable(self._folder, error) from None
    return path

  def _count(self) -> None:
    if not self._waiting:
      return
    embeddings = np.stack([row.embedding for row in self._waiting])
    self._counts += self._baseline.count(
      monitoring.Faces(
        quality=np.stack(
          [monitoring.quality(row.face) for row in self._waiting if row.face is not None]
        ),
        embeddings=embeddings,
        probabilities={
          name: np.array([row.probabilities[name] for row in self._waiting])
          for name in self._baseline.attributes
        },
        labels={
          name: np.array([row.labels[name] for row in self._waiting])
          for name in self._baseline.attributes
        },
      )
    )
    standardized = (embeddings.astype(np.float64) - self._baseline.mean) / self._baseline.deviation
    self._sums += [standardized.sum(axis=0), np.square(standardized).sum(axis=0)]
    self._waiting = []

  def _moments(self, faces: int) -> dict[str, Any]:
    mean, square = self._sums / faces
    return {
      "faces": faces,
      "mean": mean.round(5).tolist(),
      "variance": np.maximum(square - np.square(mean), 0).round(5).tolist(),
    }


@dataclasses.dataclass(frozen=True, eq=False)
class Call:
  """What one call kept; see the module."""

  time: datetime.datetime
  model: int
  baseline: str
  photos: int
  failed: dict[str, int]
  counts: np.ndarray
  moments: dict[str, Any] | None


def read(folder: pathlib.Path) -> list[Call]:
  """The calls of a log, by time.

  Raises:
    UserError: there is no such folder, or nothing in it; a file is damaged.
  """
  files = sorted(folder.glob("*.json"))
  if not files:
    raise errors.UserError(
      f"{folder}: no log is here; `python -m pipeline predict PHOTOS --log {folder}` writes one"
    )
  return sorted(map(_read, files), key=lambda call: call.time)


def _read(file: pathlib.Path) -> Call:
  try:
    found = json.loads(regular_file.read(file, _MOST_BYTES))
    counts = np.array(found["counts"], np.int64)
    if counts.ndim != 3 or (counts < 0).any():
      raise ValueError("its counts are no table of numbers from 0 on")
    return Call(
      time=datetime.datetime.fromisoformat(found["time"]).astimezone(datetime.timezone.utc),
      model=int(found["model"]),
      baseline=str(found["baseline"]),
      photos=int(found["photos"]),
      failed={str(reason): int(count) for reason, count in found["failed"].items()},
      counts=counts,
      moments=found["moments"],
    )
  except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
    raise errors.UserError(
      f"{file}: is damaged ({errors.shown(str(error), 200)}); delete it, and the rest is held "
      "against the baseline without it"
    ) from None


def _unwritable(folder: pathlib.Path, error: OSError) -> errors.UserError:
  return errors.UserError(
    f"{folder}: can't be written ({error.strerror}); choose another folder with --log"
  )
