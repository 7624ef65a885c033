"""What `python -m pipeline predict` prints."""

import contextlib
import os
import pathlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

import tqdm

from components.shared.core import errors, progress
from components.shared.data import annotations
from pipeline import run_folder
from pipeline.programs.monitoring import log as log_lib
from pipeline.programs.prediction import output, prediction
from pipeline.programs.prediction import photos as photos_lib
from pipeline.programs.prediction import pictures as pictures_lib
from pipeline.programs.prediction import predictor as predictor_lib

Form = Literal["table", "json", "csv"]


class Printed:
  """Lines, and afterwards how many photos have no prediction.

  Why a photo has none is also said on standard error, as is a summary at the
  end.
  """

  def __init__(
    self,
    predictor: predictor_lib.Predictor,
    files: Sequence[pathlib.Path],
    faces: prediction.Faces,
    form: Form,
    pictures: pathlib.Path | None = None,
    log: log_lib.Log | None = None,
  ):
    self.failed = 0
    self._log = log
    self._named = [(photos_lib.printable(file), file) for file in files]
    self._pictures = (
      pictures_lib.Pictures(pictures, dict(self._named)) if pictures is not None else None
    )
    self._predictor = predictor
    self._faces = faces
    self._form = form

  def __iter__(self) -> Iterator[str]:
    if self._form == "json":
      return output.as_json(self._predictions())
    if self._form == "csv":
      return output.as_csv(self._predictions(), self._predictor.attributes)
    return output.as_table(self._predictions())

  def _predictions(self) -> Iterator[prediction.Prediction]:
    summary = output.Summary()
    with _bar(len(self._named)) as update:
      for row in self._predictor.predict(self._named, self._faces):
        summary.add(row)
        if self._pictures is not None:
          self._pictures.add(row)
        if row.reason is not None:
          self.failed += 1
          tqdm.tqdm.write(f"{row.photo}: {row.reason}", file=sys.stderr)
        if self._log:
          self._log.add(row)
        yield row
        if row.number == row.count:
          update()
    if self._log:
      self._log.write()
    for line in summary.lines():
      print(line, file=sys.stderr)


@contextlib.contextmanager
def _bar(photos: int) -> Iterator[Callable[[], Any]]:
  """A progress bar, where it does not get between lines of the table, nor into
  a file that is to hold what went wrong."""
  if sys.stdout.isatty() or not sys.stderr.isatty():
    yield lambda: None
  else:
    with progress.bar("predict", photos, "photo") as bar:
      yield bar.update


def predict(
  photos: Sequence[pathlib.Path],
  model: pathlib.Path | None,
  run: pathlib.Path,
  faces: prediction.Faces,
  form: Form,
  *,
  uncertain: predictor_lib.Band | None = None,
  pictures: pathlib.Path | None = None,
  log: pathlib.Path | None = None,
) -> Printed:
  """Labels photos, and the photos in folders.

  Args:
    photos: files and folders.
    model: a pushed model's folder; None for the newest of the run.
    run: the run's folder.
    faces: which faces of a photo.
    form: of what is printed.
    uncertain: two probabilities; what lies between them is uncertain.
    pictures: a folder for photos with boxes; None for none.
    log: folder that gets what `monitor` needs to know; None: nothing is kept.

  Raises:
    UserError: photos or model are not there; the finder can't be fetched; the
      model has no baseline, or the log's folder can't be written.
  """
  files = photos_lib.find(photos)
  model = model or run_folder.RunFolder(run).latest_pushed()
  opened = None if log is None else log_lib.Log(log, model)
  predictor = predictor_lib.Predictor(model, find=faces != "as-is", uncertain=uncertain)
  return Printed(predictor, files, faces, form, pictures, opened)


def write(lines: Iterable[str], path: pathlib.Path) -> None:
  """Writes lines into a file, which appears whole or not at all.

  Raises:
    UserError: labels that someone gave are there, or it can't be written.
  """
  check_out(path)
  unfinished = path.with_name(f".{path.name}.unfinished")
  try:
    with open(unfinished, "w", encoding="utf-8") as file:
      file.writelines(f"{line}\n" for line in lines)
    os.replace(unfinished, path)
  except OSError as error:
    raise errors.UserError(f"{path}: can't be written ({error.strerror})") from None
  finally:
    unfinished.unlink(missing_ok=True)


def check_out(path: pathlib.Path) -> None:
  """Whether predictions may be written to a file.

  Raises:
    UserError: it is, or belongs to, a file of labels.
  """
  start = b""
  if path.is_file():
    with open(path, "rb") as file:
      start = file.read(64)
  columns = start.removeprefix(b"\xef\xbb\xbf").split(b",")
  if columns[0].strip() == annotations.IMAGE_ID_COLUMN.encode() or os.path.lexists(
    path.with_name(f"{path.name}.answers")
  ):
    raise errors.UserError(
      f"{path}: holds labels, which predictions don't replace; choose another --out"
    )
