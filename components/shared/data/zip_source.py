"""Photos in a zip, read member by member; nothing is extracted to disk."""

import os
import pathlib
import posixpath
import zipfile
from collections.abc import Iterator, Sequence

from components.shared.core import errors, zip_members
from components.shared.data import annotations, photo_file, photos, source

_ENCRYPTED = 0x1
"""Bit 0 of a member's general purpose flags (APPNOTE.TXT, section 4.4.4)."""


class ZipSource(source.Source):
  """The photos of a zip; all of them lie in one of its folders."""

  def __init__(self, location: str, labels: annotations.AnnotationFile):
    super().__init__(location, labels)
    names = [info.filename for info in members(location) if is_photo_member(info)]
    folders = sorted({posixpath.dirname(name) for name in names})
    if len(folders) > 1:
      one, other = map(errors.shown, folders[:2])
      raise errors.UserError(
        f"{location} holds photos in several folders (`{one}`, `{other}`); put them all into one"
      )
    self._folder = folders[0] if folders else ""
    self._image_ids = tuple(
      source.sorted_names([posixpath.basename(name) for name in names], location)
    )
    self._archive: zipfile.ZipFile | None = None

  def __getstate__(self) -> dict[str, object]:
    return {**self.__dict__, "_archive": None, "_image_ids": None}

  def image_ids(self) -> Sequence[str]:
    if self._image_ids is None:
      self._image_ids = tuple(
        sorted(
          posixpath.basename(info.filename)
          for info in members(self.location)
          if is_photo_member(info)
        )
      )
    return self._image_ids

  def read(self, image_id: str) -> bytes:
    try:
      if self._archive is None:
        self._archive = zipfile.ZipFile(self.location)
      name = posixpath.join(self._folder, image_id)
      if self._archive.getinfo(name).file_size > photo_file.MAX_BYTES:
        raise photos.PhotoError("file is too large")
      return zip_members.read(self._archive, name, photo_file.MAX_BYTES)
    except OSError as error:
      raise photos.PhotoError(f"cannot be read: {error.strerror or error}") from error
    except zip_members.UnknownWay as error:
      raise photos.PhotoError(str(error)) from error
    except zip_members.DAMAGE as error:
      raise photos.PhotoError("damaged inside the zip") from error

  def _state(self) -> Iterator[str]:
    status = os.stat(self.location)
    yield (f"{os.path.basename(self.location)}\0{status.st_size}\0{status.st_mtime_ns}")


def members(path: str) -> Sequence[zipfile.ZipInfo]:
  """What a zip holds.

  Raises:
    UserError: it is no zip, a member is encrypted, or a member's name leads
      out of the folder it would be extracted to.
  """
  try:
    with zipfile.ZipFile(path) as archive:
      infos = archive.infolist()
  except zip_members.DAMAGE as error:
    raise errors.UserError(
      f"{path} is not a zip that can be read ({error}); fetch it again"
    ) from error
  seen = set()
  for info in infos:
    member = f"{path}: the member `{errors.shown(info.filename)}`"
    if leads_out(info.filename):
      raise errors.UserError(
        f"{member} would be written outside of the zip's folder; do not use this zip"
      )
    if info.flag_bits & _ENCRYPTED:
      raise errors.UserError(f"{member} is encrypted; extract the zip and give the folder instead")
    if info.filename in seen:
      raise errors.UserError(f"{member} is there twice; make the zip again")
    seen.add(info.filename)
  return infos


def leads_out(name: str) -> bool:
  """Whether a member's name is absolute or climbs out of its folder."""
  for path in (pathlib.PurePosixPath(name), pathlib.PureWindowsPath(name)):
    if path.anchor or ".." in path.parts:
      return True
  return False


def is_photo_member(info: zipfile.ZipInfo) -> bool:
  """Whether a member is a photo; macOS puts shadows into `__MACOSX`."""
  folder, name = posixpath.split(info.filename)
  # A folder's name ends with a slash, and so has no last part.
  return not folder.startswith("__MACOSX") and source.is_photo(name)
