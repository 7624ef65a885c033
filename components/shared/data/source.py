"""What every source of photos offers."""

import abc
import hashlib
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from components.shared.core import errors
from components.shared.data import annotations
from components.shared.data.photo_names import PHOTO_ENDINGS as PHOTO_ENDINGS

_TEXTS = frozenset(
  (".csv", ".tsv", ".txt", ".md", ".json", ".xml", ".yaml", ".yml", ".html", ".log", ".answers")
)
_SYSTEM_FILES = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini"))


class Row(NamedTuple):
  """A photo and what is known about it.

  Attributes:
    image_id: the photo's file name.
    annotations: 1, 0 or None (unknown) for every attribute of the source.
  """

  image_id: str
  annotations: dict[str, int | None]


class Source(abc.ABC):
  """Photos and their annotations; small enough to travel to Beam's workers.

  Attributes:
    location: the folder or zip that holds the photos.
    labels: where the annotations are.
    attributes: the names of all columns of the annotations.
  """

  def __init__(self, location: str, labels: annotations.AnnotationFile):
    self.location = location
    self.labels = labels
    self.attributes: tuple[str, ...] = labels.attributes()

  @abc.abstractmethod
  def image_ids(self) -> Sequence[str]:
    """The names of all photos, sorted."""

  @abc.abstractmethod
  def read(self, image_id: str) -> bytes:
    """A photo's file, byte for byte.

    Raises:
      PhotoError: the file cannot be read.
    """

  @abc.abstractmethod
  def left_out(self) -> Mapping[str, int]:
    """How many files and folders beside the photos are not read, by kind."""

  @abc.abstractmethod
  def _state(self) -> Iterator[str]:
    """Lines that change when a photo does."""

  def table(self, needed: Sequence[str] = ()) -> annotations.Table:
    """The annotations of these photos.

    Args:
      needed: columns that have to hold labels.

    Raises:
      UserError: the annotations are wrong; see `AnnotationFile.table`.
    """
    return self.labels.table(frozenset(self.image_ids()), needed)

  def rows(self, table: annotations.Table | None = None) -> Iterator[Row]:
    """Every photo, in the order of the names; unlisted ones are unknown.

    Args:
      table: of `table`; read if it is not given.
    """
    if table is None:
      table = self.table()
    unknown = (None,) * len(table.attributes)
    for image_id in self.image_ids():
      values = table.values.get(image_id, unknown)
      yield Row(image_id, dict(zip(table.attributes, values, strict=True)))

  def fingerprint(self) -> str:
    """Changes with any photo's name, size or modification time. Hex, 16 digits."""
    digest = hashlib.sha256()
    for line in self._state():
      digest.update(f"{line}\n".encode())
    return digest.hexdigest()[:16]

  def describe(self) -> str:
    """One line for people: the photos, and what is beside them."""
    out = told(self.left_out())
    return f"{len(self.image_ids()):,} photos in {self.location}" + (
      f"; left out: {out}" if out else ""
    )


def is_photo(name: str) -> bool:
  """Whether a file's name (without folders) is that of a photo."""
  return not name.startswith(".") and name.lower().endswith(PHOTO_ENDINGS)


def may_hold_photos(folder: str) -> bool:
  """Whether a folder of that name is looked into: macOS puts shadows into `__MACOSX`, and a
  Synology thumbnails into `@eaDir`."""
  return not folder.startswith(("__MACOSX", "@eaDir"))


def kind_left_out(name: str) -> str | None:
  """How a file is counted that is no photo; None for what nobody misses.

  Args:
    name: of the file, without folders.
  """
  if name.endswith(".icloud"):
    return "still in iCloud, ending in .icloud"
  if name.startswith("."):
    hidden = not name.startswith("._") and is_photo(name.lstrip("."))
    return "hidden" if hidden else None
  ending = posixpath.splitext(name)[1].lower()
  if ending in _TEXTS or name.lower() in _SYSTEM_FILES:
    return None
  return f"ending in {errors.shown(ending, 20)}" if ending else "without an ending"


def told(left_out: Mapping[str, int]) -> str:
  """`left_out` for people."""
  return ", ".join(f"{count:,} {kind}" for kind, count in sorted(left_out.items()))


def sorted_names(names: Sequence[str], location: str, left_out: Mapping[str, int]) -> Sequence[str]:
  """The names of a source's photos, sorted and checked.

  Args:
    names: of the photos.
    location: of the source.
    left_out: of the source.

  Raises:
    UserError: there are none, or one cannot be written down as text.
  """
  if not names:
    found = told(left_out)
    raise errors.UserError(
      f"{location} holds no photos{f', but {found}' if found else ''}; expected files ending in "
      f"{', '.join(PHOTO_ENDINGS)} directly in one folder"
    )
  for name in names:
    try:
      name.encode()
    except UnicodeEncodeError:
      raise errors.UserError(
        f"{location}: the file name {name!r} is not valid UTF-8; rename the file"
      ) from None
  return sorted(names)
