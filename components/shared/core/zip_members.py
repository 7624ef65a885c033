"""Members of a zip, never more of them than there may be."""

import struct
import zipfile
import zlib
from typing import BinaryIO, cast

_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGE = (
  OSError,
  zipfile.BadZipFile,
  zlib.error,
  EOFError,
  RuntimeError,
  NotImplementedError,
  LookupError,
  ValueError,
  OverflowError,
  struct.error,
)
"""What `zipfile` raises on damaged files, by the place."""


def path(name: str) -> str:
  """A member's name with slashes; PowerShell 5 and .NET write back-slashes."""
  return name.replace("\\", "/")


class UnknownWay(Exception):
  """A member is compressed in a way that photos never are."""


def opened(archive: zipfile.ZipFile, name: str) -> BinaryIO:
  """A member's bytes as a stream; what is read from it has to have a size.

  Raises:
    UnknownWay: it is neither stored nor deflated. Of the other ways `zipfile`
      unpacks all that a few bytes may hold, whatever is asked for.
    Exception: one of `DAMAGE`.
  """
  if archive.getinfo(name).compress_type not in _WAYS:
    raise UnknownWay("compressed in an unknown way")
  return cast(BinaryIO, archive.open(name))


def read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
  """A member's bytes.

  Args:
    archive: the zip.
    name: of the member.
    most: bytes that it may have.

  Raises:
    BadZipFile: it has not as many bytes as it says, or more than it may.
    Exception: as `opened`.
  """
  size = archive.getinfo(name).file_size
  if size > most:
    raise zipfile.BadZipFile("it is too large")
  with opened(archive, name) as member:
    parts = []
    # To read all at once would unpack all, and then cut it to the size.
    while part := member.read(1 << 20):
      parts.append(part)
  data = b"".join(parts)
  if len(data) != size:
    raise zipfile.BadZipFile(f"it has {len(data)} bytes and says {size}")
  return data
