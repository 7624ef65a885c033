"""Photos that arrive in spans: folders whose names count up, read as one.

`photos/{SPAN}/` stands for `photos/1/`, `photos/2/`, ... or `photos/2026-01-05/`,
`photos/2026-01-12/`, ...; a number may have leading zeros.
"""

import collections
import datetime
import hashlib
import itertools
import os
import pathlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from components.shared.core import errors
from components.shared.data import annotations, folder_source, photo_file, source

SPAN = "{SPAN}"
_NAMES = {"number": r"\d{1,9}", "date": r"\d{4}-\d{2}-\d{2}"}


class _Span(NamedTuple):
  """A folder, and its place among the others."""

  at: int
  name: str
  folder: str


def is_pattern(path: str) -> bool:
  """Whether a source is one of spans."""
  return SPAN in path


class SpanSource(source.Source):
  """The photos of all spans that there are, as if they lay in one folder.

  A photo is known by its file's name. The same file in two spans is one photo,
  that of the earlier span; two photos of one name are an error.
  """

  def __init__(self, pattern: str, labels: annotations.AnnotationFile):
    """Lists the spans.

    Args:
      pattern: a path with `{SPAN}` once, in its last folder's name.
      labels: of the photos of all spans.

    Raises:
      UserError: there is no span, one that is there twice, one without
        photos, or two photos of one name.
    """
    super().__init__(pattern, labels)
    self._spans = _spans(pattern)
    self._folders: dict[str, str] = {}
    self._again: list[str] = []
    for span in self._spans:
      inside = sorted(folder_source.photo_names(span.folder))
      source.sorted_names(
        inside, span.folder, {} if inside else folder_source.left_out(span.folder)
      )
      for name in inside:
        self._add(name, span.folder)

  def image_ids(self) -> Sequence[str]:
    return sorted(self._folders)

  def read(self, image_id: str) -> bytes:
    return photo_file.read(os.path.join(self._folders[image_id], image_id))

  def left_out(self) -> Mapping[str, int]:
    counts: collections.Counter[str] = collections.Counter()
    for span in self._spans:
      counts.update(folder_source.left_out(span.folder))
    return counts

  def describe(self) -> str:
    spans = self._spans
    count = f"{len(spans)} spans, {spans[0].name} to {spans[-1].name}"
    said = "; ".join([count, *self._missing(), *self._late(), *self._twice()])
    return f"{super().describe()} ({said})"

  def _state(self) -> Iterator[str]:
    for name, folder in sorted(self._folders.items()):
      path = os.path.join(folder, name)
      status = os.stat(path) if os.path.exists(path) else os.lstat(path)
      yield f"{name}\0{status.st_size}\0{status.st_mtime_ns}"

  def _add(self, name: str, folder: str) -> None:
    first = self._folders.setdefault(name, folder)
    if first == folder:
      return
    paths = [os.path.join(place, name) for place in (first, folder)]
    if _digest(paths[0]) != _digest(paths[1]):
      raise errors.UserError(
        f"{paths[1]}: another photo of this name is in {first}; labels go by name, so rename one"
      )
    self._again.append(paths[1])

  def _missing(self) -> Iterator[str]:
    """Of numbers only: nobody knows which dates there should be."""
    if len(self._spans[0].name) == 10 and "-" in self._spans[0].name:
      return
    there = {span.at for span in self._spans}
    gone = [at for at in range(min(there), max(there)) if at not in there]
    if gone:
      more = f" and {len(gone) - 5} more" if len(gone) > 5 else ""
      yield f"missing: {', '.join(map(str, gone[:5]))}{more}"

  def _late(self) -> Iterator[str]:
    """Spans that changed after the newest one did: photos came in late, or
    were taken away."""
    changed = [os.stat(span.folder).st_mtime_ns for span in self._spans]
    late = [
      span.name for span, at in zip(self._spans[:-1], changed[:-1], strict=True) if at > changed[-1]
    ]
    if late:
      yield f"changed later than {self._spans[-1].name}: {', '.join(late[:5])}"

  def _twice(self) -> Iterator[str]:
    if self._again:
      yield (
        f"{len(self._again)} photo(s) arrived twice and count once, the first is {self._again[0]}"
      )


def _spans(pattern: str) -> list[_Span]:
  parent, name = os.path.split(pattern.rstrip("/"))
  if pattern.count(SPAN) != 1 or SPAN not in name:
    raise errors.UserError(
      f"{pattern}: {SPAN} stands once, for all or a part of the last folder's name"
    )
  before, after = map(re.escape, name.split(SPAN))
  found: dict[str, list[_Span]] = {kind: [] for kind in _NAMES}
  for entry in pathlib.Path(parent or ".").glob("*"):
    for kind, names in _NAMES.items():
      match = re.fullmatch(f"{before}({names}){after}", entry.name)
      if match and entry.is_dir():
        found[kind].append(_Span(_place(kind, match[1], entry), match[1], str(entry)))
  kinds = [kind for kind, spans in found.items() if spans]
  if not kinds:
    raise errors.UserError(
      f"{pattern}: there is no span; expected folders such as {pattern.replace(SPAN, '1')} or "
      f"{pattern.replace(SPAN, '2026-01-05')}"
    )
  if len(kinds) > 1:
    one, other = (found[kind][0].folder for kind in kinds)
    raise errors.UserError(f"{pattern}: {one} is a number and {other} a date; use one of them")
  spans = sorted(found[kinds[0]])
  for first, second in itertools.pairwise(spans):
    if first.at == second.at:
      raise errors.UserError(
        f"{second.folder}: is the same span as {first.folder}; put their photos into one folder"
      )
  return spans


def _place(kind: str, name: str, folder: pathlib.Path) -> int:
  if kind == "number":
    return int(name)
  try:
    return datetime.date.fromisoformat(name).toordinal()
  except ValueError:
    raise errors.UserError(f"{folder}: there is no such date; rename the folder") from None


def _digest(path: str) -> bytes:
  return hashlib.sha256(photo_file.read(path)).digest()
