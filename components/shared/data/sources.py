"""Finds out what a path holds: the sample, CelebA, or a folder of photos."""

import difflib
import pathlib
import posixpath
from collections.abc import Iterable, Sequence

from components.shared import assets
from components.shared.core import errors
from components.shared.data import (
  annotations,
  feature_names,
  folder_source,
  source,
  span_source,
  zip_source,
)
from components.shared.data import settings as settings_lib

SAMPLE = "sample"
SAMPLE_LABELS = pathlib.Path(__file__).parent / "labels" / "celeba-hand-labels.csv"
"""Made by looking at the photos. *Male*: each on its own; three can't be told.
*Smiling*: 70 at a time, small; a clear smile or clearly none, and blank where
it is something between."""

_CELEBA_PHOTOS = "img_align_celeba"
_CELEBA_LABELS = (f"{annotations.CELEBA_STEM}.txt", f"{annotations.CELEBA_STEM}.csv")
_OWN_LABELS = "labels.csv"


def open_source(settings: settings_lib.SourceSettings) -> source.Source:
  """The source that the settings name.

  Photos are listed and the header of the annotations is read; their rows are
  checked when they are read (`Source.rows`).

  Raises:
    UserError: there is nothing at the path, no photo in it, no annotations
      for it, or no such attribute among them.
  """
  if settings.path == SAMPLE:
    opened = folder_source.FolderSource(
      str(assets.sample_photos()), _given_labels(settings) or _on_disk([SAMPLE_LABELS])
    )
  else:
    opened = _open_path(pathlib.Path(settings.path).expanduser(), settings)
  _check_attributes(opened, settings.attributes)
  return opened


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
  if place.is_dir():
    return folder_source.FolderSource(str(_photo_folder(place)), none)
  if place.is_file():
    return zip_source.ZipSource(str(place), none)
  raise errors.UserError(
    f"there is nothing at {place}; a source is `{SAMPLE}`, a CelebA folder "
    "or zip, or a folder of photos"
  )


def _open_path(path: pathlib.Path, settings: settings_lib.SourceSettings) -> source.Source:
  if span_source.is_pattern(str(path)):
    labels = _given_labels(settings) or _on_disk([path.parent / _OWN_LABELS])
    if labels is None:
      raise _no_labels(path)
    return span_source.SpanSource(str(path), labels)
  if path.is_dir():
    folder = _photo_folder(path)
    labels = _given_labels(settings) or _on_disk(_beside_folder(path, folder))
    if labels is None:
      raise _no_labels(path)
    return folder_source.FolderSource(str(folder), labels)
  if path.is_file():
    labels = _given_labels(settings) or _inside(path) or _on_disk(_celeba_labels_near(path.parent))
    if labels is None:
      raise _no_labels(path)
    return zip_source.ZipSource(str(path), labels)
  raise errors.UserError(
    f"there is nothing at {path}; set source.path to `{SAMPLE}`, a CelebA "
    "folder or zip, or a folder of photos"
  )


def _photo_folder(path: pathlib.Path) -> pathlib.Path:
  """CelebA's photos lie deeper, in `Img` as published, or doubly nested."""
  for deeper in (path / _CELEBA_PHOTOS, path / "Img" / _CELEBA_PHOTOS):
    if deeper.is_dir():
      return _photo_folder(deeper)
  return path


def _given_labels(settings: settings_lib.SourceSettings) -> annotations.AnnotationFile | None:
  if settings.labels is None:
    return None
  path = pathlib.Path(settings.labels).expanduser()
  if not path.is_file():
    raise errors.UserError(
      f"there is no file {path}; set source.labels to a CSV or to CelebA's attribute file"
    )
  return annotations.AnnotationFile(str(path))


def _beside_folder(path: pathlib.Path, folder: pathlib.Path) -> Iterable[pathlib.Path]:
  yield folder / _OWN_LABELS
  yield path / _OWN_LABELS
  for near in dict.fromkeys((folder, folder.absolute().parent, path)):
    yield from _celeba_labels_near(near)


def _celeba_labels_near(folder: pathlib.Path) -> Iterable[pathlib.Path]:
  for near in (folder, folder / "Anno", folder.absolute().parent / "Anno"):
    for name in _CELEBA_LABELS:
      yield near / name


def _on_disk(candidates: Iterable[pathlib.Path]) -> annotations.AnnotationFile | None:
  for candidate in candidates:
    if candidate.is_file():
      return annotations.AnnotationFile(str(candidate))
  return None


def _inside(path: pathlib.Path) -> annotations.AnnotationFile | None:
  found = {
    posixpath.basename(info.filename): info.filename for info in zip_source.members(str(path))
  }
  for name in (*_CELEBA_LABELS, _OWN_LABELS):
    if name in found:
      return annotations.AnnotationFile(str(path), member=found[name])
  return None


def _no_labels(path: pathlib.Path) -> errors.UserError:
  return errors.UserError(
    f"no annotations for {path}: there is neither {_OWN_LABELS} nor "
    f"{_CELEBA_LABELS[0]}; set source.labels to a CSV (image_id,"
    "<attribute>,...) or to CelebA's attribute file"
  )


def _check_attributes(opened: source.Source, attributes: Sequence[str]) -> None:
  for attribute in attributes:
    if attribute not in opened.attributes:
      raise errors.UserError(
        f"{opened.labels} has no attribute `{attribute}`; "
        f"{_suggestion(attribute, opened.attributes)}"
      )
  taken = sorted(
    feature_names.feature_names(attributes).intersection(opened.attributes) - {*attributes}
  )
  if taken:
    raise errors.UserError(
      f"{opened.labels}: `{taken[0]}` is a name that the pipeline uses itself; rename that column"
    )


def _suggestion(attribute: str, names: Sequence[str]) -> str:
  by_lower = {name.lower(): name for name in names}
  near = difflib.get_close_matches(attribute.lower(), by_lower)
  if near:
    return f"did you mean {' or '.join(by_lower[n] for n in near)}?"
  more = f" and {len(names) - 8} more" if len(names) > 8 else ""
  return f"it has {', '.join(names[:8])}{more}"
