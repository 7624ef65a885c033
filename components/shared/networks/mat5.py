"""Numbers, texts, structs and cells out of a MAT-file of MATLAB.

Format: MathWorks, "MAT-File Format", chapter "Level 5 MAT-File Format". Every
length and kind is checked before it is used: SciPy's reader looks kinds up
unchecked, and one damaged byte can crash the process. Functions and objects
are known by their kind, and the file refused.
"""

import dataclasses
import itertools
import math
import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

_HEADER_SIZE = 128
_BYTE_ORDERS = {b"IM": "<", b"MI": ">"}
_MOST_BYTES = 1 << 30  # VGG-Face has 580 million.
_MOST_VALUES = 1 << 16  # VGG-Face has some 500.
_DEEPEST = 16
_MOST_DIMENSIONS = 16
_BLOCK = 1 << 20

# Kinds of element.
_NUMBERS = {
  1: "i1",
  2: "u1",
  3: "i2",
  4: "u2",
  5: "i4",
  6: "u4",
  7: "f4",
  9: "f8",
  12: "i8",
  13: "u8",
}
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15
# Classes of matrix.
_CELL, _STRUCT, _OBJECT, _CHAR, _FUNCTION, _OPAQUE = 1, 2, 3, 4, 16, 17
_CLASSES = {
  6: "f8",
  7: "f4",
  8: "i1",
  9: "u1",
  10: "i2",
  11: "u2",
  12: "i4",
  13: "u4",
  14: "i8",
  15: "u8",
}
_COMPLEX = 0x800  # Flag beside the class.


class FormatError(Exception):
  """Not a whole file of this format."""


class CodeError(Exception):
  """The file holds functions or objects."""


def read(path: os.PathLike) -> dict[str, Any]:
  """Reads all variables of a file.

  Returns:
    By name: an array of numbers as such, of the dimensions that it has in
    MATLAB; a text as a str; a cell array as a list, by columns; a struct as a
    dict, an array of them as a list of dicts; anything else as None. Arrays
    may be views of the file.

  Raises:
    FormatError: the file is cut or damaged, or of another format.
    CodeError: it holds functions or objects.
    OSError: it cannot be read.
  """
  with open(path, "rb") as file:
    header = file.read(_HEADER_SIZE)
    order = _BYTE_ORDERS.get(header[126:])
    if order is None:
      raise FormatError("its header is damaged")
    if header[116:124].strip(b" \0"):
      raise CodeError("it has a part for the data of functions and objects")
    # Of a file that is not compressed no copy is made.
    data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
  return dict(_variables(_Data(memoryview(data), order, itertools.count(1))))


class _Element(NamedTuple):
  kind: int
  start: int
  end: int
  next: int


@dataclasses.dataclass(frozen=True)
class _Data:
  """Bytes of a file, or of a part of it that was compressed."""

  content: memoryview
  order: str
  counted: Iterator[int]

  def integer(self, at: int) -> int:
    return struct.unpack_from(f"{self.order}I", self.content, at)[0]

  def element(self, at: int, end: int) -> _Element:
    """The element that begins somewhere; all of it is before `end`."""
    if at + 8 > end:
      raise FormatError(f"it is cut at byte {at:,}")
    first = self.integer(at)
    if first >> 16:  # Up to 4 bytes share the tag's 8.
      kind, size, start = first & 0xFFFF, first >> 16, at + 4
      after = at + 8
    else:
      kind, size, start = first, self.integer(at + 4), at + 8
      after = start + size + (0 if kind == _COMPRESSED else -size % 8)
    if start + size > end or (start == at + 4 and size > 4):
      raise FormatError(f"it is cut or damaged at byte {at:,}")
    return _Element(kind, start, start + size, min(after, end))

  def elements(self, at: int, end: int) -> Iterator[_Element]:
    while at < end:
      element = self.element(at, end)
      yield element
      at = element.next

  def numbers(self, element: _Element) -> np.ndarray:
    if element.kind not in _NUMBERS:
      raise FormatError(f"numbers of unknown kind {element.kind}")
    dtype = np.dtype(_NUMBERS[element.kind]).newbyteorder(self.order)
    size = element.end - element.start
    if size % dtype.itemsize:
      raise FormatError(f"numbers are cut at byte {element.end:,}")
    return np.frombuffer(self.content, dtype, size // dtype.itemsize, element.start)

  def text(self, element: _Element) -> str:
    encoding = _TEXTS.get(element.kind)
    if encoding is None:
      raise FormatError(f"a text of unknown kind {element.kind}")
    if encoding in ("utf-16", "utf-32"):
      encoding += "-le" if self.order == "<" else "-be"
    content = self.content[element.start : element.end]
    return str(content, encoding, errors="replace")

  def count_value(self) -> None:
    """Of all values there may be so many, for each takes memory."""
    if next(self.counted) > _MOST_VALUES:
      raise FormatError(f"it holds more than {_MOST_VALUES:,} values")

  def decompressed(self, element: _Element, most: int) -> "_Data":
    """What a compressed element holds, itself one element.

    Args:
      element: the compressed one.
      most: bytes that it may have.
    """
    content = self.content[element.start : element.end]
    try:
      tag = zlib.decompressobj().decompress(content[:1024], 8)
      if len(tag) < 8:
        raise FormatError(f"it is cut at byte {element.start:,}")
      size = 8 + _Data(memoryview(tag), self.order, self.counted).integer(4)
      if size > most:
        raise FormatError(f"{size:,} bytes are compressed in it, too many")
      whole = np.empty(size, np.uint8)  # Takes memory as it is filled.
      at = 0
      for part in _parts(content):
        if at + len(part) > size:
          raise FormatError(f"more than {size:,} bytes are compressed in it")
        whole[at : at + len(part)] = np.frombuffer(part, np.uint8)
        at += len(part)
    except zlib.error as error:
      raise FormatError(str(error)) from error
    if at != size:
      raise FormatError(f"its compressed part ends at byte {at:,}")
    return _Data(memoryview(whole), self.order, self.counted)


def _parts(content: memoryview) -> Iterator[bytes]:
  """What was compressed, bit by bit; it has to end."""
  stream = zlib.decompressobj()
  for start in range(0, len(content), _BLOCK):
    rest: memoryview | bytes = content[start : start + _BLOCK]
    while rest and not stream.eof:
      yield stream.decompress(rest, _BLOCK)
      rest = stream.unconsumed_tail
  yield stream.flush()
  if not stream.eof:
    raise FormatError("its compressed part is cut")


def _variables(data: _Data) -> Iterator[tuple[str, Any]]:
  most = _MOST_BYTES
  for element in data.elements(_HEADER_SIZE, len(data.content)):
    if element.kind == _COMPRESSED:
      inner = data.decompressed(element, most)
      most -= len(inner.content)
      yield _matrix(inner, inner.element(0, len(inner.content)), 0)
    else:
      yield _matrix(data, element, 0)


def _matrix(data: _Data, element: _Element, depth: int) -> tuple[str, Any]:
  """Name and value of an element that is a matrix, as all values are."""
  if element.kind != _MATRIX or depth > _DEEPEST:
    raise FormatError(f"no value that is known at byte {element.start:,}")
  data.count_value()
  if element.start == element.end:
    return "", np.empty((0, 0))
  flags, at = _header(data, element.start, element.end, _UINT32)
  kind = int(flags[0]) & 0xFF if flags.size else 0
  if kind in (_OBJECT, _FUNCTION, _OPAQUE):
    raise CodeError(f"there is one at byte {element.start:,}")
  dimensions, at = _header(data, at, element.end, _INT32)
  shape = tuple(int(size) for size in dimensions)
  if not 2 <= len(shape) <= _MOST_DIMENSIONS or min(shape) < 0:
    raise FormatError(f"dimensions {shape[:_MOST_DIMENSIONS]} at byte {element.start:,}")
  name, at = _header(data, at, element.end, _INT8)
  rest = at, element.end
  value: Any
  if kind == _CELL:
    value = _values(data, *rest, math.prod(shape), depth)
  elif kind == _STRUCT:
    value = _structs(data, *rest, math.prod(shape), depth)
  elif kind == _CHAR:
    value = data.text(data.element(*rest))
  elif kind in _CLASSES and not int(flags[0]) & _COMPLEX:
    value = _array(data.numbers(data.element(*rest)), shape, _CLASSES[kind])
  else:
    value = None
  return name.tobytes().decode("latin-1"), value


def _header(data: _Data, at: int, end: int, kind: int) -> tuple[np.ndarray, int]:
  """Numbers of an element of known kind, and where the next one begins."""
  element = data.element(at, end)
  if element.kind != kind:
    raise FormatError(f"kind {element.kind} instead of {kind} at byte {at:,}")
  return data.numbers(element), element.next


def _array(numbers: np.ndarray, shape: tuple[int, ...], dtype: str) -> np.ndarray:
  """MATLAB stores numbers in as few bytes as do, whatever their class."""
  if numbers.size != math.prod(shape):
    raise FormatError(f"{numbers.size:,} numbers for dimensions {shape}")
  try:
    return numbers.astype(dtype, copy=False).reshape(shape, order="F")
  except ValueError:  # None of them, but too many in one dimension.
    raise FormatError(f"dimensions {shape}") from None


def _values(data: _Data, at: int, end: int, count: int, depth: int) -> list:
  if count > _MOST_VALUES:
    raise FormatError(f"{count:,} values, too many")
  values = [_matrix(data, element, depth + 1)[1] for element in data.elements(at, end)]
  if len(values) != count:
    raise FormatError(f"{len(values):,} values instead of {count:,}")
  return values


def _structs(data: _Data, at: int, end: int, count: int, depth: int) -> Any:
  """A dict, or a list of them, each made of `fields` values in a row."""
  width, at = _header(data, at, end, _INT32)
  names, at = _header(data, at, end, _INT8)
  if width.size != 1 or width[0] < 1 or names.size % width[0]:
    raise FormatError(f"names of fields at byte {at:,}")
  fields = [row.tobytes().split(b"\0")[0].decode("latin-1") for row in names.reshape(-1, width[0])]
  values = _values(data, at, end, count * len(fields), depth)
  structs = [
    dict(zip(fields, values[i * len(fields) : (i + 1) * len(fields)], strict=True))
    for i in range(count if fields else 0)
  ]
  return structs[0] if len(structs) == 1 else structs
