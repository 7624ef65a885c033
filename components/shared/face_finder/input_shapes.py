"""An ONNX file's inputs and outputs, made of any size, without the package `onnx`.

That takes more room than ONNX Runtime itself, and of a file only a few fields
have to change. Fields are numbered as in `onnx.proto`; what is not named here
stays as it is.
"""

from collections.abc import Callable, Collection, Iterator

_GRAPH = 7  # Of a ModelProto.
_INPUT, _OUTPUT = 11, 12  # Of a GraphProto, each a ValueInfoProto.
_NAME, _TYPE = 1, 2  # Of a ValueInfoProto.
_TENSOR = 1  # Of a TypeProto.
_SHAPE = 2  # Of its Tensor.
_DIMENSION = 1  # Of a TensorShapeProto.
_PARAMETER = 2  # Of a Dimension: a name instead of a size.

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5  # Wire types.

_Field = tuple[int, int, bytes]
"""Number, wire type, and value; a varint as it is encoded."""


def free(model: bytes, inputs: Collection[str], outputs: Collection[str], axes: Collection[int]):
  """A model whose inputs and outputs are of any size along some axes.

  Args:
    model: the file's content.
    inputs: names; other inputs, which are weights, become constants.
    outputs: names.
    axes: which of their axes.

  Returns:
    The content, changed.

  Raises:
    ValueError: it is no ONNX model.
  """

  def in_graph(number: int, value: bytes) -> bytes | None:
    if number not in (_INPUT, _OUTPUT):
      return value
    name = next(content.decode() for n, _, content in _fields(value) if n == _NAME)
    if name in (inputs if number == _INPUT else outputs):
      return _within(value, (_TYPE, _TENSOR, _SHAPE), lambda shape: _freed(shape, name, axes))
    return None if number == _INPUT else value

  return _within(model, (_GRAPH,), lambda graph: _changed(graph, in_graph))


def _freed(shape: bytes, name: str, axes: Collection[int]) -> bytes:
  dimensions = [value for number, _, value in _fields(shape) if number == _DIMENSION]
  return b"".join(
    _encoded(
      _DIMENSION,
      _BYTES,
      _encoded(_PARAMETER, _BYTES, f"{name}_{axis}".encode()) if axis in axes else value,
    )
    for axis, value in enumerate(dimensions)
  )


def _within(message: bytes, path: tuple[int, ...], change: Callable[[bytes], bytes]) -> bytes:
  """A message with the one that a path of fields leads to changed."""
  if not path:
    return change(message)
  return _changed(
    message, lambda number, value: _within(value, path[1:], change) if number == path[0] else value
  )


def _changed(message: bytes, change: Callable[[int, bytes], bytes | None]) -> bytes:
  """A message whose fields of bytes are changed; those that become None go."""
  parts = []
  for number, kind, value in _fields(message):
    changed = change(number, value) if kind == _BYTES else value
    if changed is not None:
      parts.append(_encoded(number, kind, changed))
  return b"".join(parts)


def _fields(message: bytes) -> Iterator[_Field]:
  at = 0
  while at < len(message):
    key, at = _varint(message, at)
    kind = key & 7
    if kind == _VARINT:
      _, end = _varint(message, at)
    elif kind == _BYTES:
      length, at = _varint(message, at)
      end = at + length
    elif kind in (_EIGHT, _FOUR):
      end = at + (8 if kind == _EIGHT else 4)
    else:
      raise ValueError("no ONNX model")
    if end > len(message):
      raise ValueError("an ONNX model that is cut off")
    yield key >> 3, kind, message[at:end]
    at = end


def _varint(message: bytes, at: int) -> tuple[int, int]:
  """A number, and where it ends."""
  value = shift = 0
  while at < len(message) and shift < 64:
    byte = message[at]
    at += 1
    value |= (byte & 0x7F) << shift
    shift += 7
    if byte < 0x80:
      return value, at
  raise ValueError("no ONNX model")


def _encoded(number: int, kind: int, value: bytes) -> bytes:
  length = _number(len(value)) if kind == _BYTES else b""
  return _number(number << 3 | kind) + length + value


def _number(value: int) -> bytes:
  """A varint."""
  found = bytearray()
  while value > 0x7F:
    found.append(value & 0x7F | 0x80)
    value >>= 7
  found.append(value)
  return bytes(found)
