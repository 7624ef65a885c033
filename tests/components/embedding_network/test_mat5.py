"""MAT-files as MATLAB wrote them, and damaged ones."""

import contextlib
import pathlib
import random
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from scipy.io import matlab

from components.shared.networks import mat5

# SciPy ships files that MATLAB wrote: big-endian, little-endian, compressed.
_DATA = pathlib.Path(matlab.__file__).parent / "tests" / "data"
_VERSIONS = ("6.1_SOL2", "6.5.1_GLNX86", "7.4_GLNX86")


def _plain(value: Any) -> Any:
  """What SciPy makes of a value, in the form that ours has."""
  if isinstance(value, matlab.mat_struct):
    return {name: _plain(getattr(value, name)) for name in value._fieldnames}
  if value.dtype == object:
    values = [_plain(item) for item in value.ravel(order="F")]
    is_struct = len(values) == 1 and isinstance(values[0], dict)
    return values[0] if is_struct else values
  if value.dtype.kind == "c":
    return None
  if value.dtype.kind == "U":
    return str(value[0]) if value.size else ""
  return value


@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize(
  "name",
  [
    "double",
    "minus",
    "matrix",
    "3dmatrix",
    "onechar",
    "string",
    "cell",
    "cellnest",
    "emptycell",
    "struct",
    "structnest",
    "structarr",
  ],
)
def test_values_that_matlab_wrote(name, version):
  if (name, version) == ("emptycell", "6.1_SOL2"):
    version = "5.3_SOL2"
  path = _DATA / f"test{name}_{version}.mat"
  expected = matlab.loadmat(path, struct_as_record=False)[f"test{name}"]
  found = mat5.read(path)[f"test{name}"]
  np.testing.assert_equal(found, _plain(expected))


@pytest.mark.parametrize(
  "name",
  [
    "sqr.mat",
    "parabola.mat",
    "some_functions.mat",
    "testfunc_7.4_GLNX86.mat",
    "testobject_6.1_SOL2.mat",
    "testobject_7.4_GLNX86.mat",
  ],
)
def test_functions_and_objects(name):
  with pytest.raises(mat5.CodeError):
    mat5.read(_DATA / name)


@pytest.mark.parametrize(
  "name",
  [
    "malformed1.mat",
    "bad_miuint32.mat",
    "corrupted_zlib_checksum.mat",
    "corrupted_zlib_data.mat",
    "testdouble_4.2c_SOL2.mat",
  ],
)
def test_files_that_do_not_hold_together(name):
  with pytest.raises(mat5.FormatError):
    mat5.read(_DATA / name)


@pytest.mark.parametrize("compressed", [False, True])
def test_damaged_bytes(compressed, tmp_path):
  """Whatever is damaged, it is said or the file is read."""
  path = tmp_path / "file.mat"
  cell = np.array([[{"a": np.eye(3)}, "text", np.float32([1, 2])]], object)
  matlab.savemat(path, {"cell": cell, "more": {"b": {"c": cell}}}, do_compression=compressed)
  whole = path.read_bytes()
  for length in range(0, len(whole), 7):
    path.write_bytes(whole[:length])
    with contextlib.suppress(mat5.FormatError):
      assert mat5.read(path).keys() < {"cell", "more"}
  chance = random.Random(0)
  for _ in range(1000):
    damaged = bytearray(whole)
    damaged[chance.randrange(len(whole))] = chance.randrange(256)
    path.write_bytes(damaged)
    with contextlib.suppress(mat5.FormatError, mat5.CodeError):
      mat5.read(path)


def test_more_than_a_variable_may_hold(tmp_path):
  header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H2s", 256, b"IM")
  content = zlib.compress(struct.pack("<II", 14, 0xFFFFFF00) + bytes(5000))
  path = tmp_path / "file.mat"
  path.write_bytes(header + struct.pack("<II", 15, len(content)) + content)
  with pytest.raises(mat5.FormatError, match="too many"):
    mat5.read(path)


def test_nothing_is_nested_without_end(tmp_path):
  deep = np.eye(2)
  for _ in range(40):
    cell = np.empty((1, 1), object)
    cell[0, 0] = deep
    deep = cell
  matlab.savemat(tmp_path / "file.mat", {"deep": deep})
  with pytest.raises(mat5.FormatError):
    mat5.read(tmp_path / "file.mat")


def _element(kind: int, content: bytes) -> bytes:
  return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def _variable(kind: int, shape: tuple, content: bytes) -> bytes:
  return _element(
    14,
    _element(6, struct.pack("<II", kind, 0))
    + _element(5, struct.pack(f"<{len(shape)}i", *shape))
    + _element(1, b"x")
    + content,
  )


_EMPTY = struct.pack("<II", 14, 0)
_FIELD = _element(5, struct.pack("<i", 8)) + _element(1, b"a" + bytes(7))


def _file(tmp_path, content: bytes) -> pathlib.Path:
  path = tmp_path / "file.mat"
  path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + content)
  return path


@pytest.mark.parametrize(
  "content, told",
  [
    (_variable(1, (1, 70_000), _EMPTY * 70_000), "70,000 values, too many"),
    (_EMPTY * 70_000, "more than 65,536 values"),
    (_variable(6, (1,) * 70, _element(9, bytes(8))), "dimensions"),
    (_variable(6, (0,) + (2**31 - 1,) * 4, _element(9, b"")), "dimensions"),
  ],
)
def test_files_that_take_much(tmp_path, content, told):
  with pytest.raises(mat5.FormatError, match=told):
    mat5.read(_file(tmp_path, content))


def test_many_structs_are_read_at_once(tmp_path):
  content = _variable(2, (1, 60_000), _FIELD + _EMPTY * 60_000)
  found = mat5.read(_file(tmp_path, content))["x"]
  assert len(found) == 60_000 and list(found[-1]) == ["a"]


@pytest.mark.parametrize("lie", [-8, 8])
def test_compressed_parts_that_lie_about_their_size(tmp_path, lie):
  content = bytearray(_variable(6, (1, 1000), _element(9, bytes(8000))))
  content[4:8] = struct.pack("<I", len(content) - 8 + lie)
  packed = zlib.compress(bytes(content))
  with pytest.raises(mat5.FormatError, match="compressed"):
    mat5.read(_file(tmp_path, struct.pack("<II", 15, len(packed)) + packed))
