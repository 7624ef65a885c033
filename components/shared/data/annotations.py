"""Annotation files: CelebA's attribute list and CSV of any spreadsheet.

Both become the same table: for each photo one value per attribute, 1 = has it,
0 = has it not, None = unknown. Rows belong to photos by file name and by
nothing else.
"""

import contextlib
import dataclasses
import hashlib
import pathlib
import re
import zipfile
from collections.abc import Collection, Iterator
from typing import BinaryIO, NamedTuple

from components.shared.core import errors, zip_members
from components.shared.data import annotation_text, label_values, photo_names
from components.shared.data.annotation_text import IMAGE_ID_COLUMN as IMAGE_ID_COLUMN

CELEBA_STEM = "list_attr_celeba"
_CELEBA_NAME = re.compile(r"[0-9]{6}\.(jpg|png)")

Values = tuple[int | None, ...]


class Table(NamedTuple):
  """Annotations by photo.

  Attributes:
    attributes: the columns that hold labels, in the file's order.
    values: by the photo's name, in the order of `attributes`.
    notes: why the other columns are not read, by name.
    elsewhere: rows of photos that are not here, in a file that describes more.
    renamed: rows that name their photo in another way than it is called.
  """

  attributes: tuple[str, ...]
  values: dict[str, Values]
  notes: dict[str, str]
  elsewhere: int = 0
  renamed: int = 0


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
    """The columns that the file has, in its order; not all need be labels.

    Raises:
      UserError: the file cannot be read or its header is not one.
    """
    with self._text() as text:
      return text.columns

  def form(self) -> annotation_text.Form:
    """How the file is written.

    Raises:
      UserError: as `attributes`.
    """
    with self._text() as text:
      return text.form

  def table(self, photos: Collection[str], needed: Collection[str] = ()) -> Table:
    """Reads and checks the whole file.

    Args:
      photos: the file names that exist. Rows of other files are an error in a
        CSV that someone wrote for these photos; CelebA's own attribute file
        may describe more photos than there are.
      needed: columns that have to hold labels; of the others, those that
        don't are notes.

    Raises:
      UserError: a photo has several rows or there is none of that name,
        needed values that are no annotation, or counts and columns that do
        not match; with the line's number.
    """
    with self._text() as text:
      reading = _Reading(self, text, photos, needed)
      for line in text.lines:
        reading.add(line)
      return reading.table()

  def digest(self) -> str:
    """SHA-256 of the file's bytes, hex."""
    digest = hashlib.sha256()
    with self._binary() as stream:
      for block in iter(lambda: stream.read(1 << 20), b""):
        digest.update(block)
    return digest.hexdigest()

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
  def _text(self) -> Iterator[annotation_text.Text]:
    with self._binary() as stream, annotation_text.opened(stream, str(self)) as text:
      yield text


class NoAnnotations(AnnotationFile):
  """Of photos that nobody has annotated yet."""

  def __init__(self):
    super().__init__("no annotations")

  def attributes(self) -> tuple[str, ...]:
    return ()

  def table(self, photos: Collection[str], needed: Collection[str] = ()) -> Table:
    return Table((), {}, {})

  def digest(self) -> str:
    return ""


class _Reading:
  """A table that grows line by line."""

  def __init__(
    self,
    file: AnnotationFile,
    text: annotation_text.Text,
    photos: Collection[str],
    needed: Collection[str],
  ):
    self._file = file
    self._columns = text.columns
    self._photos = photos
    self._names = photo_names.PhotoNames(photos)
    self._needed = needed
    stem = pathlib.PurePath(file.member or file.path).stem
    self._describes_more = text.form.celeba or stem.startswith(CELEBA_STEM)
    self._all_celeba = True
    self._values: dict[str, Values] = {}
    self._lines: dict[str, tuple[int, str]] = {}
    self._notes: dict[str, str] = {}
    self._missing: list[tuple[int, str]] = []
    self._renamed = 0

  def add(self, line: annotation_text.Line) -> None:
    """Checks a line and keeps its values.

    Raises:
      UserError: what is wrong with it.
    """
    where = f"{self._file}, line {line.number}"
    try:
      photo = self._names.find(line.image_id)
    except photo_names.Ambiguous as error:
      raise errors.UserError(f"{where}: {error}; write the file's name as it is") from None
    name = line.image_id if photo is None else photo
    if name in self._lines:
      number, image_id = self._lines[name]
      other = "" if image_id == line.image_id else f" as `{errors.shown(image_id)}`"
      raise errors.UserError(
        f"{where}: `{errors.shown(line.image_id)}` is listed twice, first in line {number}{other}; "
        "keep one row for each photo"
      )
    self._lines[name] = (line.number, line.image_id)
    values = self._read(line, where)
    if photo is None:
      self._missing.append((line.number, line.image_id))
    else:
      self._values[photo] = values
      self._renamed += photo != line.image_id

  def table(self) -> Table:
    """What was read.

    Raises:
      UserError: photos are named that are not here, and should be.
    """
    if self._missing and (not self._values or not (self._describes_more or self._all_celeba)):
      raise self._no_photo()
    kept = [place for place, name in enumerate(self._columns) if name not in self._notes]
    values = self._values
    if self._notes:
      values = {photo: tuple(of[place] for place in kept) for photo, of in values.items()}
    return Table(
      tuple(self._columns[place] for place in kept),
      values,
      self._notes,
      elsewhere=len(self._missing),
      renamed=self._renamed,
    )

  def _read(self, line: annotation_text.Line, where: str) -> Values:
    if len(line.values) != len(self._columns):
      raise errors.UserError(
        f"{where}: {len(line.values)} values for {len(self._columns)} attributes"
      )
    if self._all_celeba and not self._describes_more:
      name = _CELEBA_NAME.fullmatch(line.image_id)
      self._all_celeba = name is not None and {"1", "-1"}.issuperset(map(str.strip, line.values))
    with contextlib.suppress(KeyError):
      return tuple([label_values.PLAIN[text] for text in line.values])
    values: list[int | None] = []
    for name, text in zip(self._columns, line.values, strict=True):
      value = None
      if name not in self._notes:
        try:
          value = label_values.read(text)
        except ValueError as error:
          if name in self._needed:
            raise errors.UserError(f"{where}: {errors.shown(name)} is {error}") from None
          self._notes[name] = f"line {line.number} says `{errors.shown(text.strip(), 30)}`"
      values.append(value)
    return tuple(values)

  def _no_photo(self) -> errors.UserError:
    number, first = self._missing[0]
    where = f"{self._file}, line {number}: there is no photo `{errors.shown(first)}`"
    hint = self._names.did_you_mean(first)
    if not self._values:
      here = errors.shown(min(self._photos))
      return errors.UserError(
        f"{where}{hint}; none of the {len(self._missing):,} rows names a photo that is here, such "
        f"as `{here}`; name the photos that belong to these labels, or the labels of these photos"
      )
    rows = len(self._missing) + len(self._values)
    more = f" ({len(self._missing):,} of {rows:,} rows name none)" if len(self._missing) > 1 else ""
    return errors.UserError(
      f"{where}{more}{hint}; remove the row or write the file's name as it is, with its ending"
    )
