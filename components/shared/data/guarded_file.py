"""A photo's bytes, for readers that take a file's word for everything."""

import io
import struct

_MOST_READS = 20_000
_MOST_READS_OF_PIXELS = 4_000_000
_MOST_AT_ONCE = 4 << 20
_TIMES = 4
_MOST_EXIF = 1 << 16
_MOST_INDEX = 1 << 13
_MOST_SCANNED = 5_000_000_000
"""Pixels, each as often as a scan goes over it: a hundred scans of 50 megapixels."""
_START_OF_SCAN, _END = 0xDA, 0xD9
_EXIF, _PICTURES = 0xE1, 0xE2


class TooCostly(Exception):
  """To read on would take too long or too much memory; says what."""


class GuardedFile(io.BytesIO):
  """Gives up where a header has no end.

  Pillow reads a header in Python, piece by piece: a hundred megabytes of empty
  pieces take minutes, and ten thousand tags that share the same bytes
  gigabytes. Photos come with a few hundred pieces, read once.
  """

  def __init__(self, data: bytes):
    super().__init__(data)
    self._reads = _MOST_READS
    self._bytes = _TIMES * len(data) + (1 << 20)
    self._in_header = True

  def end_of_header(self) -> None:
    """From now on pixels are read, of which there are many."""
    self._in_header = False
    self._reads = _MOST_READS_OF_PIXELS

  def read(self, size=-1) -> bytes:
    """As of any file.

    Raises:
      TooCostly: there is no end to it.
    """
    data = super().read(size)
    self._reads -= 1
    if self._in_header:
      self._bytes -= len(data)
      # Without a size all is meant, once.
      if size is not None and size >= 0 and len(data) > _MOST_AT_ONCE:
        raise TooCostly("its header is too large")
    if self._reads < 0 or self._bytes < 0:
      raise TooCostly("it is made of too many pieces")
    return data


def check_exif(exif: bytes) -> None:
  """Whether EXIF data are no larger than a JPEG's segment.

  In more there is room for tags that share each other's bytes.

  Raises:
    TooCostly: they are.
  """
  if len(exif) > _MOST_EXIF:
    raise TooCostly("its EXIF data are too large")


def check_jpeg_header(data: bytes) -> None:
  """Whether a JPEG's header can be read at once.

  Pillow joins the segments of EXIF data and reads every number of the index of
  a file of several pictures.

  Raises:
    TooCostly: it can't.
  """
  at, exif = 2, 0
  while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
    marker, size = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
    content = at + 4
    if marker in (_START_OF_SCAN, _END):
      return
    if marker == _EXIF and data.startswith(b"Exif\0\0", content):
      exif += size
      if exif > _MOST_EXIF:
        raise TooCostly("its EXIF data are too large")
    if marker == _PICTURES and data.startswith(b"MPF\0", content) and (size > _MOST_INDEX):
      raise TooCostly("its index of pictures is too large")
    at += 2 + size


def check_scans(data: bytes, pixels: int) -> None:
  """Whether a JPEG goes over its picture no more often than need be.

  A scan that changes nothing has a few bytes, and takes as long as any.

  Args:
    data: the file.
    pixels: of the picture; the smaller it is, the more scans it may have.

  Raises:
    TooCostly: there are more.
  """
  # Within a scan these two bytes can't follow each other.
  if data.count(b"\xff\xda") * pixels > _MOST_SCANNED:
    raise TooCostly("it has too many scans")
