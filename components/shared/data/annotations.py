"""Annotation files: CelebA's attribute list and plain CSV.

Both become the same table: for each file name one value per attribute, 1 = has
it, 0 = has it not, None = unknown. Rows belong to photos by file name and by
nothing else.
"""

import contextlib
import csv
import dataclasses
import hashlib
import io
import itertools
import pathlib
import re
import zipfile
from collections.abc import Collection, Iterator
from typing import BinaryIO, NamedTuple, TextIO

from components.shared.core import errors, zip_members

_MOST_LINE = 1 << 20
"""Characters; CelebA's longest line has 700. A file that is none has lines
without an end."""
_MOST_ATTRIBUTES = 2000
_MOST_COUNTED = 100_000
"""Lines too many that are still counted."""
CELEBA_STEM = "list_attr_celeba"
IMAGE_ID_COLUMN = "image_id"

_VALUES = {"1": 1, "0": 0, "-1": 0, "": None}

Values = tuple[int | None, ...]


class Table(NamedTuple):
  """Annotations by file name, in the order of `attributes`."""

  attributes: tuple[str, ...]
  values: dict[str, Values]


class _Line(NamedTuple):
  number: int
  image_id: str
  values: list[str]


@dataclasses.dataclass(frozen=True)
class AnnotationFile:
  """Where annotations are: a file, or a member of a zip.

  Attributes:
    path: the file or the zip.
    member: the name inside of the zip, or None.
  """

  path: str
  member: str | None = None

  def __str__(self) -> str:
    return f"{self.path} ({self.member})" if self.member else self.path

  def attributes(self) -> tuple[str, ...]:
    """The attributes that the file has, in its order.

    Raises:
      UserError: the file cannot be read or its header is not one.
    """
    with self._text() as text:
      return _parse(text, self)[0]

  def table(self, photos: Collection[str]) -> Table:
    """Reads and checks the whole file.

    Args:
      photos: the file names that exist. Rows of other files are an error in a
        CSV that someone wrote for these photos; CelebA's own attribute file
        may describe more photos than there are.

    Raises:
      UserError: duplicate or unknown files, values that are no annotation, or
        counts and columns that do not match; with the line's number.
    """
    values: dict[str, Values] = {}
    with self._text() as text:
      attributes, lines = _parse(text, self)
      for line in lines:
        where = f"{self}, line {line.number}"
        if line.image_id in values:
          raise errors.UserError(
            f"{where}: `{errors.shown(line.image_id)}` is listed twice; keep one row for each photo"
          )
        values[line.image_id] = _to_values(line, attributes, where)
        if line.image_id not in photos and not self._describes_celeba():
          raise errors.UserError(
            f"{where}: there is no photo `{errors.shown(line.image_id)}`; "
            "remove the row or write the file's name as it is, with its "
            "ending"
          )
    return Table(attributes, values)

  def digest(self) -> str:
    """SHA-256 of the file's bytes, hex."""
    digest = hashlib.sha256()
    with self._binary() as stream:
      for block in iter(lambda: stream.read(1 << 20), b""):
        digest.update(block)
    return digest.hexdigest()

  def _describes_celeba(self) -> bool:
    return pathlib.PurePath(self.member or self.path).stem == CELEBA_STEM

  @contextlib.contextmanager
  def _binary(self) -> Iterator[BinaryIO]:
    damage = (OSError,) if self.member is None else (zip_members.UnknownWay, *zip_members.DAMAGE)
    try:
      if self.member is None:
        with open(self.path, "rb") as stream:
          yield stream
      else:
        with zipfile.ZipFile(self.path) as archive:
          with zip_members.opened(archive, self.member) as stream:
            yield stream
    except damage as error:
      raise errors.UserError(f"{self} cannot be read: {error}") from error

  @contextlib.contextmanager
  def _text(self) -> Iterator[TextIO]:
    with self._binary() as stream:
      with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        try:
          yield text
        except UnicodeDecodeError as error:
          raise errors.UserError(f"{self} is not text in UTF-8; save it as UTF-8") from error
        except csv.Error as error:
          raise errors.UserError(f"{self} is not a CSV: {error}") from error


class NoAnnotations(AnnotationFile):
  """Of photos that nobody has annotated yet."""

  def __init__(self):
    super().__init__("no annotations")

  def attributes(self) -> tuple[str, ...]:
    return ()

  def table(self, photos: Collection[str]) -> Table:
    return Table((), {})

  def digest(self) -> str:
    return ""


def _lines(text: TextIO, file: AnnotationFile) -> Iterator[str]:
  for number in itertools.count(1):
    line = text.readline(_MOST_LINE)
    if len(line) >= _MOST_LINE:
      raise errors.UserError(
        f"{file}, line {number}: is longer than {_MOST_LINE:,} characters; "
        "a line has the annotations of one photo"
      )
    if not line:
      return
    yield line


def _parse(text: TextIO, file: AnnotationFile) -> tuple[tuple[str, ...], Iterator[_Line]]:
  text = _lines(text, file)
  first = next(text, "")
  if not first.strip():
    raise errors.UserError(
      f"{file} is empty or starts with an empty line; expected CelebA's "
      f"attribute list or a CSV with the header {IMAGE_ID_COLUMN},"
      "<attribute>,..."
    )
  if re.fullmatch("[0-9]{1,18}", first.strip()):
    names = next(text, "").split()
    lines = _celeba_lines(text, int(first.strip()), file)
  else:
    reader = csv.reader(itertools.chain([first], text), strict=True)
    header = [name.strip() for name in next(reader)]
    if header[0] != IMAGE_ID_COLUMN or len(header) < 2:
      raise errors.UserError(
        f"{file}, line 1: expected the header {IMAGE_ID_COLUMN},"
        f"<attribute>,... and found `{errors.shown(first.strip())}`"
      )
    names = header[1:]
    lines = _csv_lines(reader)
  if len(names) > _MOST_ATTRIBUTES:
    raise errors.UserError(
      f"{file}: it has {len(names):,} attributes, more than "
      f"{_MOST_ATTRIBUTES:,}; leave out those that are not needed"
    )
  if not names or "" in names or len(set(names)) < len(names):
    raise errors.UserError(
      f"{file}: its attributes need names that differ, and there are "
      f"{len(names)} with {len(set(names) - {''})} different ones"
    )
  return tuple(names), lines


def _celeba_lines(text: Iterator[str], count: int, file: AnnotationFile) -> Iterator[_Line]:
  found = 0
  for number, line in enumerate(text, start=3):
    fields = line.split()
    if fields:
      found += 1
      if found > count:
        found += sum(1 for line in itertools.islice(text, _MOST_COUNTED) if line.split())
        break
      yield _Line(number, fields[0], fields[1:])
  if found != count:
    follow = f"{'at least ' if next(text, None) else ''}{found}"
    raise errors.UserError(
      f"{file}: its first line says {count} photos and {follow} follow; "
      "fetch the file again or correct the count"
    )


def _csv_lines(reader) -> Iterator[_Line]:
  for fields in reader:
    if fields:
      yield _Line(reader.line_num, fields[0].strip(), fields[1:])


def _to_values(line: _Line, attributes: tuple[str, ...], where: str) -> Values:
  if len(line.values) != len(attributes):
    raise errors.UserError(f"{where}: {len(line.values)} values for {len(attributes)} attributes")
  values = []
  for name, text in zip(attributes, line.values, strict=True):
    text = text.strip()
    if text not in _VALUES:
      raise errors.UserError(
        f"{where}: {errors.shown(name)} is `{errors.shown(text)}`; a label "
        "is 1, 0, -1 (the same as 0) or blank (unknown)"
      )
    values.append(_VALUES[text])
  return tuple(values)
