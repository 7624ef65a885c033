"""Weights: Keras' HDF5 and MATLAB's files."""

import functools
import io
import itertools
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np
from scipy.io import matlab

from tests.faults.hostile import cases, payloads

SHAPES = {"dense": {"kernel": (3, 4), "bias": (4,)}}
"""What the HDF5 files of the cases should hold."""
KERNELS = {"conv1": (3, 3, 2, 4), "fc": (1, 1, 4, 3)}
MEANS = (129.1863, 104.7624, 93.5940)


def all_cases() -> Iterator[cases.Case]:
  """Every case, always the same."""
  return itertools.chain(_hdf5(), _mat())


def h5(change: Callable[[h5py.File], object] = lambda file: None, **options: Any) -> bytes:
  """A small file as Keras 2 writes it."""
  stream = io.BytesIO()
  with h5py.File(stream, "w") as file:
    file.attrs["layer_names"] = np.array([b"dense"])
    group = file.create_group("dense")
    group.attrs["weight_names"] = np.array([b"dense/kernel:0", b"dense/bias:0"])
    for name, shape in SHAPES["dense"].items():
      group.create_dataset(f"dense/{name}:0", shape, "f4", data=np.ones(shape, "f4"), **options)
    change(file)
  return stream.getvalue()


def _of_h5(
  name: str, outcome: str, change: Callable[[h5py.File], object], **options: Any
) -> cases.Case:
  return cases.of_bytes(name, "h5", outcome, "weights.h5", lambda: h5(change, **options))


def _replaced(make: Callable[[h5py.Group, str], object]) -> Callable[[h5py.File], object]:
  def change(file: h5py.File) -> None:
    del file["dense/dense/kernel:0"]
    make(file["dense/dense"], "kernel:0")

  return change


def _virtual(group: h5py.Group, name: str) -> None:
  layout = h5py.VirtualLayout((3, 4), "f4")
  layout[:] = h5py.VirtualSource("/etc/outside.h5", "x", (3, 4))
  group.create_virtual_dataset(name, layout)


def _large_chunk(group: h5py.Group, name: str) -> None:
  data = group.create_dataset(
    name, (3, 4), "f4", chunks=(20_000, 40_000), maxshape=(None, None), compression="gzip"
  )
  data.id.write_direct_chunk((0, 0), zlib.compress(bytes(1000)))


def _hdf5() -> Iterator[cases.Case]:
  yield _of_h5("sound", cases.ACCEPTED, lambda file: None)
  yield _of_h5("sound, compressed", cases.ACCEPTED, lambda file: None, compression="gzip")

  def lambda_layer(file: h5py.File) -> None:
    file.attrs["model_config"] = (
      '{"class_name": "Sequential", "config": [{"class_name": "Lambda", '
      '"config": {"function": ["' + payloads.marshalled().hex() + '"]}}]}'
    )
    file.attrs["training_config"] = payloads.pickled().hex()

  yield _of_h5("a Lambda layer's code", cases.ACCEPTED, lambda_layer)
  yield _of_h5(
    "a pickle in an attribute",
    cases.ACCEPTED,
    lambda file: file.attrs.__setitem__("model", np.void(payloads.pickled())),
  )
  for name, make in (
    ("a virtual array", _virtual),
    ("chunks of 3 GB", _large_chunk),
    (
      "numbers outside",
      lambda group, name: group.create_dataset(name, (3, 4), "f4", external=[("/dev/zero", 0, 48)]),
    ),
    (
      "a link to a file outside",
      lambda group, name: group.__setitem__(name, h5py.ExternalLink("/etc/outside.h5", "x")),
    ),
    (
      "a link to itself",
      lambda group, name: group.__setitem__(name, h5py.SoftLink("/dense/dense/kernel:0")),
    ),
    ("a group", lambda group, name: group.create_group(name)),
    ("its own parent", lambda group, name: group.__setitem__(name, group.parent)),
    ("texts", lambda group, name: group.create_dataset(name, (3, 4), h5py.string_dtype())),
    ("references", lambda group, name: group.create_dataset(name, (3, 4), h5py.ref_dtype)),
    ("complex numbers", lambda group, name: group.create_dataset(name, (3, 4), "c8")),
    ("whole numbers", lambda group, name: group.create_dataset(name, (3, 4), "i4")),
    ("NaN", lambda group, name: group.create_dataset(name, data=np.full((3, 4), np.nan, "f4"))),
    (
      "too large for float32",
      lambda group, name: group.create_dataset(name, data=np.full((3, 4), 1e300)),
    ),
    ("nothing", lambda group, name: group.create_dataset(name, data=h5py.Empty("f4"))),
    (
      "2 TB of zeros",
      lambda group, name: group.create_dataset(name, (1 << 19, 1 << 20), "f4", chunks=(1, 1 << 10)),
    ),
    ("a pickle", lambda group, name: group.create_dataset(name, data=np.void(payloads.pickled()))),
  ):
    yield _of_h5(f"the kernel is {name}", cases.REFUSED, _replaced(make))
  yield _of_h5(
    "its own root is a layer",
    cases.EITHER,
    lambda file: file["dense"].__setitem__("loop", file["/"]),
  )
  yield _of_h5(
    "model_weights is a link outside",
    cases.EITHER,
    lambda file: file.__setitem__("model_weights", h5py.ExternalLink("/etc/x.h5", "/")),
  )

  def nested(file: h5py.File) -> None:
    group = file["dense"]
    for _ in range(2000):
      group = group.create_group("a")

  def wide(file: h5py.File) -> None:
    for number in range(5000):
      file.create_group(f"layer {number}")

  yield _of_h5("groups nested 2,000 deep", cases.EITHER, nested)
  yield _of_h5("5,000 layers", cases.EITHER, wide)
  for value in (
    np.array([1, 2]),
    np.array(["dense"], "O"),
    "dense",
    np.array([b"none"]),
    np.array([b"\xff"]),
    7,
    np.array([b"dense"] * 3),
    np.array([[b"dense"]]),
    h5py.Empty("S5"),
  ):
    yield _of_h5(
      f"layer_names is {value!r}"[:60],
      cases.EITHER,
      lambda file, value=value: file.attrs.__setitem__(
        "layer_names",
        value
        if not isinstance(value, np.ndarray) or value.dtype != object
        else value.astype(h5py.string_dtype()),
      ),
    )
  yield cases.of_bytes("a pickle", "h5", cases.REFUSED, "weights.h5", payloads.pickled)
  yield cases.of_bytes("empty", "h5", cases.REFUSED, "weights.h5", lambda: b"")
  yield from cases.damaged("h5", "HDF5", "weights.h5", h5, 60)
  yield from cases.damaged("h5", "HDF5's start", "weights.h5", h5, 30, within=800)


def _matlab(contents: dict[str, Any], **options: Any) -> bytes:
  stream = io.BytesIO()
  matlab.savemat(stream, contents, **options)
  return stream.getvalue()


def network() -> dict[str, Any]:
  """A small network of MatConvNet."""
  layers = np.empty((1, len(KERNELS)), object)
  for place, (name, shape) in enumerate(KERNELS.items()):
    weights = np.empty((1, 2), object)
    weights[0, 0] = np.ones(shape, np.float32)
    weights[0, 1] = np.ones((shape[-1], 1), np.float32)
    layers[0, place] = {"name": name, "type": "conv", "weights": weights}
  return {
    "layers": layers,
    "meta": {"normalization": {"averageImage": np.array(MEANS).reshape(1, 1, 3)}},
  }


def mat(compressed: bool = False) -> bytes:
  """Its file."""
  return _matlab(network(), do_compression=compressed)


def _element(kind: int, content: bytes) -> bytes:
  return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def _variable(kind: int, shape: tuple, *parts: bytes, flags: int = 0, name: bytes = b"x") -> bytes:
  return _element(
    14,
    _element(6, struct.pack("<II", kind | flags, 0))
    + _element(5, struct.pack(f"<{len(shape)}i", *shape))
    + _element(1, name)
    + b"".join(parts),
  )


def _mat_file(*variables: bytes) -> bytes:
  return mat()[:128] + b"".join(variables)


def _compressed(content: bytes) -> bytes:
  packed = zlib.compress(content, 9)
  return struct.pack("<II", 15, len(packed)) + packed


def _nested_cells(depth: int) -> bytes:
  value = _variable(6, (0, 0), _element(9, b""))
  for _ in range(depth):
    value = _variable(1, (1, 1), value)
  return value


def _empty_values(count: int) -> bytes:
  return struct.pack("<II", 14, 0) * count


def _mat() -> Iterator[cases.Case]:
  def of(name: str, outcome: str, content: Callable[[], bytes]) -> cases.Case:
    return cases.of_bytes(name, "mat", outcome, "vgg_face.mat", content)

  fields = _element(5, struct.pack("<i", 8)) + _element(1, b"a" + bytes(7))
  yield of("sound", cases.ACCEPTED, mat)
  yield of("sound, compressed", cases.ACCEPTED, lambda: mat(True))
  for name, content in (
    ("a pickle", payloads.pickled),
    ("empty", lambda: b""),
    ("a header alone", lambda: mat()[:128]),
    ("a function", lambda: _mat_file(_variable(16, (1, 1)))),
    ("an object", lambda: _mat_file(_variable(3, (1, 1)))),
    ("an opaque", lambda: _mat_file(_variable(17, (1, 1)))),
    ("of format 7.3", lambda: b"MATLAB 7.3 MAT-file" + bytes(500)),
    ("cells 17 deep", lambda: _mat_file(_nested_cells(17))),
    ("cells 5,000 deep", lambda: _mat_file(_nested_cells(5000))),
    ("of 70 dimensions", lambda: _mat_file(_variable(6, (1,) * 70, _element(9, bytes(8))))),
    (
      "of none by billions",
      lambda: _mat_file(_variable(6, (0,) + (2**31 - 1,) * 4, _element(9, b""))),
    ),
    (
      "of billions by billions",
      lambda: _mat_file(_variable(6, (2**31 - 1,) * 3, _element(9, bytes(8)))),
    ),
    ("a cell of billions", lambda: _mat_file(_variable(1, (2**31 - 1, 4)))),
    ("of minus one", lambda: _mat_file(_variable(6, (-1, -1), _element(9, bytes(8))))),
    (
      "1 million structs",
      lambda: _mat_file(_variable(2, (1, 10**6), fields, _empty_values(10**6))),
    ),
    ("1 million cells", lambda: _mat_file(_variable(1, (1, 10**6), _empty_values(10**6)))),
    (
      "100 million cells, compressed",
      lambda: _mat_file(_compressed(_variable(1, (1, 10**8), _empty_values(10**8)))),
    ),
    (
      "50 million variables, compressed",
      lambda: _mat_file(*[_compressed(_empty_values(1))] * 500_000),
    ),
    ("2 GB of zeros, compressed", lambda: _mat_file(_compressed_zeros(1))),
    ("6 GB of zeros, compressed", lambda: _mat_file(_compressed_zeros(3))),
    ("3 GB that say they are 8 bytes", lambda: _mat_file(_lying_zeros())),
  ):
    yield of(name, cases.REFUSED, content)
  for kind in (0, 3, 8, 10, 11, 16, 17, 18, 99):
    yield of(
      f"numbers of kind {kind}",
      cases.EITHER,
      lambda kind=kind: _mat_file(_variable(6, (1, 1), _element(kind, bytes(8)))),
    )
    yield of(
      f"a text of kind {kind}",
      cases.EITHER,
      lambda kind=kind: _mat_file(_variable(4, (1, 1), _element(kind, b"\xff" * 7))),
    )
  yield from cases.damaged("mat", "MAT", "vgg_face.mat", mat, 60)
  yield from cases.damaged(
    "mat", "compressed MAT", "vgg_face.mat", functools.partial(mat, True), 18
  )


def _compressed_zeros(times: int) -> bytes:
  """Variables of about 2 GB of numbers."""
  size = (1 << 31) - 200
  head = (
    struct.pack("<II", 14, size)
    + _element(6, struct.pack("<II", 6, 0))
    + _element(5, struct.pack("<ii", 1, (size - 48) // 8))
    + _element(1, b"x")
    + (struct.pack("<II", 9, size - 64))
  )
  return deflated_zeros(head, size + 8 - len(head)) * times


def _lying_zeros() -> bytes:
  head = struct.pack("<II", 14, 8)
  return deflated_zeros(head, 3 << 30)


def deflated_zeros(head: bytes, count: int) -> bytes:
  """A compressed element of a MAT-file: some bytes, and so many zeros."""
  stream = zlib.compressobj(9)
  block = stream.compress(head) + stream.flush(zlib.Z_FULL_FLUSH)
  zeros = stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
  packed = block + zeros * (count >> 20)
  rest = zlib.compressobj(9, zlib.DEFLATED, -15)
  packed += rest.compress(bytes(count & 0xFFFFF)) + rest.flush()
  packed += bytes(4)  # No right checksum; nobody should get that far.
  return struct.pack("<II", 15, len(packed)) + packed
