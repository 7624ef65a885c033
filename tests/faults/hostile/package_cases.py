"""What packages bring: PyTorch's weights, wheels; and SavedModels."""

import io
import itertools
import pathlib
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from components.shared import assets
from tests.faults.hostile import cases, payloads, weight_cases

MEMBER = "package/weights.tar"
"""What is wanted of the cases' wheels."""


def all_cases() -> Iterator[cases.Case]:
  """Every case, always the same."""
  return itertools.chain(_torch(), _wheels(), _generators())


def _torch_members() -> dict[str, bytes]:
  with zipfile.ZipFile(assets.fetch("dcgan-digiface")) as archive:
    return {name: archive.read(name) for name in archive.namelist()}


def torch(changes: dict[str, Any], **options: Any) -> bytes:
  """The DCGAN's weights, some members replaced or, with None, left out."""
  stream = io.BytesIO()
  with zipfile.ZipFile(stream, "w", **options) as archive:
    for name, content in {**_torch_members(), **changes}.items():
      if content is not None:
        archive.writestr(name, content)
  return stream.getvalue()


def _torch() -> Iterator[cases.Case]:
  def of(name: str, outcome: str, content: Callable[[], bytes]) -> cases.Case:
    return cases.of_bytes(name, "torch", outcome, "weights.tar", content)

  pickle = payloads.pickled()
  first, last = "weights/data/0", "weights/data/24"
  yield of("sound", cases.ACCEPTED, lambda: torch({}))
  yield of(
    "a pickle that runs a command", cases.ACCEPTED, lambda: torch({"weights/data.pkl": pickle})
  )
  yield of(
    "code beside the numbers",
    cases.ACCEPTED,
    lambda: torch(
      {"weights/code/__torch__.py": payloads.COMMAND.encode(), "weights/constants.pkl": pickle}
    ),
  )
  for name, content in (
    ("a pickle alone", lambda: pickle),
    ("empty", lambda: b""),
    ("no first tensor", lambda: torch({first: None})),
    ("a pickle for a tensor", lambda: torch({first: pickle})),
    ("a tensor too short", lambda: torch({last: bytes(100)})),
    ("a tensor of 1 GB", lambda: torch({last: bytes(1 << 30)}, compression=zipfile.ZIP_DEFLATED)),
    ("NaN", lambda: torch({last: b"\xff" * len(_torch_members()[last])})),
    ("6 GB that say they are a tensor", _lying_tensor),
  ):
    yield of(name, cases.REFUSED, content)
  for method in ("ZIP_BZIP2", "ZIP_LZMA", "ZIP_DEFLATED"):
    yield of(
      f"in {method}", cases.EITHER, lambda method=method: _small_torch(getattr(zipfile, method))
    )
  yield from cases.damaged(
    "torch",
    "PyTorch's zip",
    "weights.tar",
    lambda: _small_torch(zipfile.ZIP_STORED),
    24,
    outcome=cases.REFUSED,
  )


def _small_torch(method: int) -> bytes:
  """With the first tensor and no others."""
  stream = io.BytesIO()
  with zipfile.ZipFile(stream, "w", method) as archive:
    archive.writestr("weights/data/0", bytes(100 * 512 * 16 * 4))
  return stream.getvalue()


def _lying_tensor() -> bytes:
  size = 100 * 512 * 16 * 4
  packed = weight_cases.deflated_zeros(b"", 6 << 30)[8 + 2 :]
  stream = io.BytesIO()
  with zipfile.ZipFile(stream, "w") as archive:
    archive.writestr("weights/data/0", packed)
  data = bytearray(stream.getvalue())
  for signature, method_at, size_at in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
    at = data.rindex(signature)
    data[at + method_at : at + method_at + 2] = b"\x08\0"
    data[at + size_at : at + size_at + 4] = struct.pack("<I", size)
  return bytes(data)


def _wheels() -> Iterator[cases.Case]:
  """Wheels whose hash is the right one, whatever is in them."""

  def of(name: str, outcome: str, members: dict[str, bytes], **options: Any) -> cases.Case:
    def content() -> bytes:
      stream = io.BytesIO()
      with zipfile.ZipFile(stream, "w", **options) as archive:
        for member, data in members.items():
          archive.writestr(member, data)
      return stream.getvalue()

    return cases.of_bytes(name, "wheel", outcome, "package.whl", content)

  runs = {
    "package/__init__.py": payloads.COMMAND.encode(),
    "setup.py": b"open('EXECUTED', 'w')",
    "package-1.data/scripts/post-install": payloads.COMMAND.encode(),
  }
  yield of("sound", cases.ACCEPTED, {MEMBER: b"numbers"})
  yield of("code", cases.ACCEPTED, {MEMBER: b"numbers", **runs})
  yield of("a pickle for weights", cases.ACCEPTED, {MEMBER: payloads.pickled()})
  yield of("no weights", cases.REFUSED, runs)
  for name in (
    "../weights.tar",
    "/package/weights.tar",
    "package/../../weights.tar",
    "package/weights.tar/",
  ):
    yield of(f"weights called {name}", cases.REFUSED, {name: b"numbers"})
  yield cases.of_bytes("no zip", "wheel", cases.REFUSED, "package.whl", payloads.pickled)
  yield cases.of_bytes("empty", "wheel", cases.REFUSED, "package.whl", lambda: b"")

  def sound() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
      archive.writestr(MEMBER, b"numbers" * 100)
    return stream.getvalue()

  yield from cases.damaged("wheel", "wheel", "package.whl", sound, 24)


def _generators() -> Iterator[cases.Case]:
  """Folders that are given as SavedModels."""

  def of(name: str, content: bytes) -> cases.Case:
    def make(folder: pathlib.Path) -> pathlib.Path:
      (folder / "saved_model.pb").write_bytes(content)
      return folder

    return cases.Case(name, "generator", cases.REFUSED, make)

  yield of("empty", b"")
  yield of("a pickle", payloads.pickled())
  yield of("zeros", bytes(1000))
  yield of("a length of 2 GB", b"\x12\xff\xff\xff\xff\x07" + bytes(100))
  for number in range(6):
    yield of(f"random, {number}", np.random.default_rng(number).bytes(500))
