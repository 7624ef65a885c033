"""Photos in a zip, read member by member; nothing is extracted to disk."""

import collections
import os
import pathlib
import posixpath
import zipfile
from collections.abc import Iterator, Mapping, Sequence

from components.shared.core import errors, file_kind, regular_file, zip_members
from components.shared.data import annotations, photo_file, photos, source

_ENCRYPTED = 0x1
"""Bit 0 of a member's general purpose flags (APPNOTE.TXT, section 4.4.4)."""


class ZipSource(source.Source):
  """The photos of a zip; all of them lie in one of its folders."""

  def __init__(self, location: str, labels: annotations.AnnotationFile):
    super().__init__(location, labels)
    self._archive: zipfile.ZipFile | None = None
    self._members: dict[str, str] = self._photos()

  def __getstate__(self) -> dict[str, object]:
    return {**self.__dict__, "_archive": None, "_members": {}}

  def _photos(self) -> dict[str, str]:
    """The members that are photos, by the photo's name, sorted."""
    paths = {
      zip_members.path(info.filename): info.filename
      for info in members(self.location)
      if is_photo_member(info)
    }
    folders = sorted({posixpath.dirname(path) for path in paths})
    if len(folders) > 1:
      one, other = map(errors.shown, folders[:2])
      raise errors.UserError(
        f"{self.location} holds photos in several folders (`{one}`, `{other}`); "
        "put them all into one"
      )
    names = {posixpath.basename(path): name for path, name in paths.items()}
    left_out = {} if names else self.left_out()
    return {name: names[name] for name in source.sorted_names(list(names), self.location, left_out)}

  def image_ids(self) -> Sequence[str]:
    self._members = self._members or self._photos()
    return tuple(self._members)

  def left_out(self) -> Mapping[str, int]:
    counts: collections.Counter[str] = collections.Counter()
    for info in members(self.location):
      folder, name = posixpath.split(zip_members.path(info.filename))
      if name and not is_photo_member(info) and source.may_hold_photos(folder):
        kind = source.kind_left_out(name)
        if kind:
          counts[kind] += 1
    return counts

  def read(self, image_id: str) -> bytes:
    try:
      if self._archive is None:
        self._archive = zipfile.ZipFile(self.location)
      self._members = self._members or self._photos()
      name = self._members[image_id]
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
    raise _no_zip(path, error) from error
  seen = set()
  for info in infos:
    member = f"{path}: the member `{errors.shown(info.filename)}`"
    if leads_out(info.filename):
      raise errors.UserError(
        f"{member} would be written outside of the zip's folder; do not use this zip"
      )
    if info.flag_bits & _ENCRYPTED:
      raise errors.UserError(f"{member} is encrypted; extract the zip and give the folder instead")
    if zip_members.path(info.filename) in seen:
      raise errors.UserError(f"{member} is there twice; make the zip again")
    seen.add(zip_members.path(info.filename))
  return infos


def _no_zip(path: str, error: Exception) -> errors.UserError:
  """To fetch again is of use only where it was to be a zip."""
  try:
    kind = file_kind.of(regular_file.head(path, file_kind.HEAD))
  except OSError:
    kind = None
  if kind in ("a zip", "a web page") or kind is None and path.lower().endswith(".zip"):
    what = {None: "", "a zip": ", it is cut off"}.get(kind, f", it is {kind}")
    return errors.UserError(f"{path} is not a zip that can be read{what} ({error}); fetch it again")
  way_out = "extract it, and name" if kind and "archive" in kind else "name"
  return errors.UserError(
    f"{path} is not a zip{kind and f', it is {kind}' or ''}; a source is a folder of photos or a "
    f"zip of them: {way_out} the folder"
  )


def leads_out(name: str) -> bool:
  """Whether a member's name is absolute or climbs out of its folder."""
  for path in (pathlib.PurePosixPath(name), pathlib.PureWindowsPath(name)):
    if path.anchor or ".." in path.parts:
      return True
  return False


def is_photo_member(info: zipfile.ZipInfo) -> bool:
  """Whether a member is a photo; a folder's name ends with a slash, and so has no last part."""
  folder, name = posixpath.split(zip_members.path(info.filename))
  return source.may_hold_photos(folder) and source.is_photo(name)
