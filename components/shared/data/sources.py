"""Finds out what a path holds: the sample, CelebA, or a folder of photos."""

import contextlib
import difflib
import os
import pathlib
import posixpath
from collections.abc import Iterable, Iterator, Sequence

from components.shared import assets
from components.shared.core import errors, zip_members
from components.shared.data import annotations, folder_source, source, span_source, zip_source
from components.shared.data import settings as settings_lib

SAMPLE = "sample"
SAMPLE_LABELS = pathlib.Path(__file__).parent / "labels" / "celeba-hand-labels.csv"
"""Made by looking at the photos. *Male*: each on its own; three can't be told.
*Smiling*: 70 at a time, small; a clear smile or clearly none, and blank where
it is something between."""

_CELEBA_PHOTOS = "img_align_celeba"
_CELEBA_LABELS = (f"{annotations.CELEBA_STEM}.txt", f"{annotations.CELEBA_STEM}.csv")
_OWN_LABELS = "labels.csv"
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".parquet", ".json")
_MOST_FOLDERS = 20
"""Between the folder that is named and its photos."""


def open_source(settings: settings_lib.SourceSettings) -> source.Source:
  """The source that the settings name.

  Photos are listed and the header of the annotations is read; their rows are
  checked when they are read (`Source.rows`).

  Raises:
    UserError: there is nothing at the path, no photo in it, no annotations
      for it, or no such attribute among them.
  """
  with _readable(settings.path):
    opened = _open(settings)
  _check_attributes(opened, settings.attributes)
  return opened


@contextlib.contextmanager
def _readable(path: str) -> Iterator[None]:
  """For looking at places that may be another user's, or on a disk that is gone.

  Raises:
    UserError: in place of any `OSError`.
  """
  try:
    yield
  except OSError as error:
    raise errors.UserError(
      f"{error.filename or path}: can't be read ({error.strerror or error}); ask for the right to "
      "read it, or name another place"
    ) from None


def _open(settings: settings_lib.SourceSettings) -> source.Source:
  if settings.path == SAMPLE:
    return folder_source.FolderSource(
      str(assets.sample_photos()),
      _given_labels(settings) or annotations.AnnotationFile(str(SAMPLE_LABELS)),
    )
  return _open_path(pathlib.Path(settings.path).expanduser(), settings)


def open_photos(path: str) -> source.Source:
  """A source's photos alone, for someone who is about to annotate them.

  Args:
    path: as in the settings: `sample`, a CelebA folder or zip, or a folder of
      photos.

  Raises:
    UserError: there is nothing at the path, or no photo in it.
  """
  none = annotations.NoAnnotations()
  if path == SAMPLE:
    return folder_source.FolderSource(str(assets.sample_photos()), none)
  place = pathlib.Path(path).expanduser()
  if span_source.is_pattern(path):
    return span_source.SpanSource(str(place), none)
  with _readable(path):
    if place.is_dir():
      return folder_source.FolderSource(str(_photo_folder(place)), none)
    if place.is_file():
      return zip_source.ZipSource(str(place), none)
  raise _nothing(place)


def _open_path(path: pathlib.Path, settings: settings_lib.SourceSettings) -> source.Source:
  if span_source.is_pattern(str(path)):
    labels = _given_labels(settings) or _on_disk([path.parent / _OWN_LABELS])
    if labels is None:
      raise _no_labels(path)
    return span_source.SpanSource(str(path), labels)
  if path.is_dir():
    folder = _photo_folder(path)
    labels = _given_labels(settings) or _on_disk(_near_folder(path, folder))
    if labels is None:
      raise _no_labels(path, folder)
    return folder_source.FolderSource(str(folder), labels)
  if path.is_file():
    labels = _given_labels(settings) or _inside(path) or _on_disk(_celeba_near(path.parent))
    if labels is None:
      raise _no_labels(path, path.parent)
    return zip_source.ZipSource(str(path), labels)
  raise _nothing(path)


def _nothing(path: pathlib.Path) -> errors.UserError:
  near = difflib.get_close_matches(path.name, _names_in(path.parent), n=1)
  hint = f"did you mean {path.parent / near[0]}? " if near else ""
  return errors.UserError(
    f"there is nothing at {path}; {hint}a source is `{SAMPLE}`, a CelebA folder or zip, or a "
    "folder of photos"
  )


def _names_in(folder: pathlib.Path) -> list[str]:
  try:
    return sorted(os.listdir(folder))
  except OSError:
    return []


def _photo_folder(path: pathlib.Path) -> pathlib.Path:
  """Where a folder's photos are: CelebA's lie deeper, in `Img` as published, or doubly nested, and
  who unpacks an archive often has one folder more.

  Raises:
    UserError: it can't be read, or photos are in several folders below it.
  """
  for deeper in (path / _CELEBA_PHOTOS, path / "Img" / _CELEBA_PHOTOS):
    if deeper.is_dir():
      return _photo_folder(deeper)
  if folder_source.photo_names(str(path)):
    return path
  below = folder_source.folders_with_photos(str(path))
  if len(below) > 1:
    first = ", ".join(f"{folder} ({count:,})" for folder, count in list(below.items())[:3])
    raise errors.UserError(
      f"{path} holds photos in {len(below):,} folders: {first}"
      f"{', ...' if len(below) > 3 else ''}; expected them directly in one folder: name one of "
      "these, or put all photos into one"
    )
  return pathlib.Path(*below) if below else path


def _given_labels(settings: settings_lib.SourceSettings) -> annotations.AnnotationFile | None:
  if settings.labels is None:
    return None
  path = pathlib.Path(settings.labels).expanduser()
  if not path.is_file():
    what = "is a folder, and labels are a file" if path.is_dir() else "there is no such file"
    near = difflib.get_close_matches(path.name, _names_in(path.parent), n=1)
    hint = f"; did you mean {path.parent / near[0]}?" if near and not path.is_dir() else ""
    raise errors.UserError(
      f"{path}: {what}{hint}; set source.labels to a CSV or to CelebA's attribute file"
    )
  return annotations.AnnotationFile(str(path))


def _near_folder(
  path: pathlib.Path, folder: pathlib.Path
) -> Iterator[Sequence[annotations.AnnotationFile]]:
  """Files of labels, the nearest first, together if they are equally near."""
  climbed = folder.absolute()
  chain = [folder]
  while climbed != path.absolute() and len(chain) < _MOST_FOLDERS:
    climbed = climbed.parent
    chain.append(climbed)
  for near in chain:
    yield _files(near / name for name in (_OWN_LABELS, *_CELEBA_LABELS))
  while climbed.name == _CELEBA_PHOTOS:
    climbed = climbed.parent
  for near in dict.fromkeys((*chain, folder.absolute().parent, climbed)):
    yield from _celeba_near(near)


def _celeba_near(folder: pathlib.Path) -> Iterator[Sequence[annotations.AnnotationFile]]:
  for near in (folder, folder / "Anno", folder.absolute().parent / "Anno"):
    yield _files(near / name for name in _CELEBA_LABELS)


def _files(paths: Iterable[pathlib.Path]) -> Sequence[annotations.AnnotationFile]:
  return [annotations.AnnotationFile(str(path)) for path in paths if path.is_file()]


def _on_disk(
  candidates: Iterable[Sequence[annotations.AnnotationFile]],
) -> annotations.AnnotationFile | None:
  return next((_only(files) for files in candidates if files), None)


def _only(files: Sequence[annotations.AnnotationFile]) -> annotations.AnnotationFile:
  """One of several files that say the same.

  Raises:
    UserError: they don't.
  """
  for other in files[1:]:
    if other.digest() != files[0].digest():
      raise errors.UserError(
        f"{files[0]} and {other} both hold labels, and differ; remove one, or name the right one "
        "with source.labels (--labels)"
      )
  return files[0]


def _inside(path: pathlib.Path) -> annotations.AnnotationFile | None:
  names = [
    info.filename
    for info in zip_source.members(str(path))
    if source.may_hold_photos(zip_members.path(info.filename))
    and posixpath.basename(zip_members.path(info.filename)) in (_OWN_LABELS, *_CELEBA_LABELS)
  ]
  files = [annotations.AnnotationFile(str(path), member=name) for name in sorted(names, key=len)]
  return _only(files) if files else None


def _no_labels(path: pathlib.Path, beside: pathlib.Path) -> errors.UserError:
  tables = [name for name in _names_in(beside) if name.lower().endswith(_TABLES)]
  found = f" (is it {' or '.join(map(errors.shown, tables[:3]))}?)" if tables else ""
  return errors.UserError(
    f"no annotations for {path}: there is neither {_OWN_LABELS} nor "
    f"{_CELEBA_LABELS[0]}; set source.labels to a CSV (image_id,"
    f"<attribute>,...) or to CelebA's attribute file{found}"
  )


def _check_attributes(opened: source.Source, attributes: Sequence[str]) -> None:
  for attribute in attributes:
    if attribute not in opened.attributes:
      raise errors.UserError(
        f"{opened.labels} has no attribute `{attribute}`; "
        f"{_suggestion(attribute, opened.attributes)}"
      )


def _suggestion(attribute: str, names: Sequence[str]) -> str:
  by_lower = {name.lower(): name for name in names}
  near = difflib.get_close_matches(attribute.lower(), by_lower)
  if near:
    return f"did you mean {' or '.join(by_lower[n] for n in near)}?"
  more = f" and {len(names) - 8} more" if len(names) > 8 else ""
  return f"it has {', '.join(names[:8])}{more}"
