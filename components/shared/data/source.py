"""What every source of photos offers."""

import abc
import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from components.shared.core import errors
from components.shared.data import annotations

PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


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
    attributes: the names of all annotations.
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
  def _state(self) -> Iterator[str]:
    """Lines that change when a photo does."""

  def rows(self) -> Iterator[Row]:
    """Every photo, in the order of the names; unlisted ones are unknown.

    Raises:
      UserError: the annotations are wrong; see `AnnotationFile.table`.
    """
    image_ids = self.image_ids()
    table = self.labels.table(photos=frozenset(image_ids))
    unknown = (None,) * len(self.attributes)
    for image_id in image_ids:
      values = table.values.get(image_id, unknown)
      yield Row(image_id, dict(zip(self.attributes, values, strict=True)))

  def fingerprint(self) -> str:
    """Changes with any photo's name, size or modification time. Hex, 16 digits."""
    digest = hashlib.sha256()
    for line in self._state():
      digest.update(f"{line}\n".encode())
    return digest.hexdigest()[:16]

  def describe(self) -> str:
    """One line for people."""
    return (
      f"{len(self.image_ids()):,} photos in {self.location}, "
      f"{len(self.attributes)} annotation(s) from {self.labels}"
    )


def is_photo(name: str) -> bool:
  """Whether a file's name (without folders) is that of a photo."""
  return not name.startswith(".") and name.lower().endswith(PHOTO_ENDINGS)


def sorted_names(names: Sequence[str], location: str) -> Sequence[str]:
  """The names of a source's photos, sorted and checked.

  Raises:
    UserError: there are none, or one cannot be written down as text.
  """
  if not names:
    raise errors.UserError(
      f"{location} holds no photos; expected files ending in "
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
