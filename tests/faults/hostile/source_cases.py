"""Folders with links and special files, and zips."""

import io
import itertools
import os
import pathlib
import random
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence

from tests.faults.hostile import cases, images, payloads

ODD = "odd.jpg"
"""The entry of a folder that a case is about; `good.jpg` is beside it."""
LABELS = b"image_id,Smiling\ngood.jpg,1\n"
_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def all_cases() -> Iterator[cases.Case]:
  """Every case, always the same."""
  return itertools.chain(_entries(), _names(), _zips(), _lies(), _damaged())


def _folder(
  name: str, outcome: str, add: Callable[[pathlib.Path], object], reason: str = ""
) -> cases.Case:
  def make(folder: pathlib.Path) -> pathlib.Path:
    inside = folder / "photos"
    inside.mkdir()
    (inside / "good.jpg").write_bytes(images.sample(1))
    (inside / "labels.csv").write_bytes(LABELS)
    add(inside / ODD)
    return inside

  return cases.Case(name, "folder", outcome, make, reason)


def _entries() -> Iterator[cases.Case]:
  def link(target: str):
    return lambda path: path.symlink_to(target)

  def linked_outside(path: pathlib.Path) -> None:
    outside = path.parent.parent / "outside.jpg"
    outside.write_bytes(images.sample(2))
    path.symlink_to(outside)

  def linked_text(path: pathlib.Path) -> None:
    outside = path.parent.parent / "secret.txt"
    outside.write_text("a secret")
    path.symlink_to(outside)

  def chain(path: pathlib.Path) -> None:
    for number in range(60):
      path.with_name(f".{number}").symlink_to(f".{number + 1}")
    path.with_name(".60").write_bytes(images.sample(2))
    path.symlink_to(".0")

  yield _folder("a link to a photo beside it", cases.ACCEPTED, link("good.jpg"))
  yield _folder("a link to a photo outside", cases.ACCEPTED, linked_outside)
  yield _folder("a link to a text outside", cases.SET_ASIDE, linked_text, "not an image")
  yield _folder("a link to itself", cases.SET_ASIDE, link(ODD), "link")
  yield _folder("a link of 60 links", cases.SET_ASIDE, chain, "link")
  yield _folder("a link to nothing", cases.SET_ASIDE, link("none.jpg"), "No such file")
  for target in ("..", ".", "/", "/proc/self"):
    yield _folder(f"a link to the folder {target}", cases.SET_ASIDE, link(target), "folder")
  for device in ("zero", "null", "random", "stdin", "tty"):
    yield _folder(f"a link to /dev/{device}", cases.SET_ASIDE, link(f"/dev/{device}"))
  yield _folder("a link to a file of the system", cases.SET_ASIDE, link("/proc/self/maps"))
  yield _folder("a FIFO", cases.SET_ASIDE, os.mkfifo, "neither")
  yield _folder(
    "a link to a FIFO",
    cases.SET_ASIDE,
    lambda path: (os.mkfifo(path.with_name("fifo")), path.symlink_to("fifo")),
    "neither",
  )
  yield _folder("a folder", cases.SET_ASIDE, pathlib.Path.mkdir, "folder")
  yield _folder("a socket", cases.SET_ASIDE, _socket, "neither")
  yield _folder("a file of 251 MB", cases.SET_ASIDE, _sparse, "too large")
  yield _folder("a file of 2 TB", cases.SET_ASIDE, lambda path: _sparse(path, 1 << 41), "too large")


def _socket(path: pathlib.Path) -> None:
  import socket

  here = os.getcwd()
  os.chdir(path.parent)  # The name of a socket is short.
  try:
    socket.socket(socket.AF_UNIX).bind(path.name)
  finally:
    os.chdir(here)


def _sparse(path: pathlib.Path, size: int = 251 << 20) -> None:
  with open(path, "wb") as file:
    file.truncate(size)


def _names() -> Iterator[cases.Case]:
  def beside(name: str | bytes):
    def add(path: pathlib.Path) -> None:
      path.write_bytes(images.sample(2))
      with open(os.path.join(os.fsencode(path.parent), os.fsencode(name)), "wb") as file:
        file.write(images.sample(3))

    return add

  for name in (
    "new\nline.jpg",
    "\r.jpg",
    "\t.png",
    "...jpg",
    "..jpg",
    "Ünï✓.JPG",
    "\u202egpj.jpg",
    "a" * 250 + ".jpg",
    '"q",.jpg',
    "-rf.jpg",
    "$(touch EXECUTED).jpg",
    "a\\b.jpg",
    "\x1b[2J.jpg",
    "9" * 250 + ".jpg",
  ):
    yield _folder(f"a name {name!r}", cases.ACCEPTED, beside(name))
  yield _folder("a name that is no UTF-8", cases.REFUSED, beside(b"\xff\xfe.jpg"), "UTF-8")


Members = Sequence[tuple]


def _zip(members: Members, **options) -> bytes:
  stream = io.BytesIO()
  with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", **options) as archive:
    warnings.simplefilter("ignore")  # Of names that are there twice.
    for name, content in members:
      archive.writestr(name, content)
  return stream.getvalue()


def _good() -> Members:
  return [("good.jpg", images.sample(1)), (ODD, images.sample(2)), ("labels.csv", LABELS)]


def _zipped(name: str, outcome: str, content: Callable[[], bytes], reason: str = "") -> cases.Case:
  return cases.of_bytes(name, "zip", outcome, "photos.zip", content, reason)


def _info(name: str, **fields) -> zipfile.ZipInfo:
  info = zipfile.ZipInfo(name)
  for field, value in fields.items():
    setattr(info, field, value)
  return info


def _zips() -> Iterator[cases.Case]:
  yield _zipped("a sound zip", cases.ACCEPTED, lambda: _zip(_good()))
  for name in (
    "../odd.jpg",
    "../../../../etc/odd.jpg",
    "/odd.jpg",
    "a/../../odd.jpg",
    "C:\\odd.jpg",
    "..\\odd.jpg",
    "..",
    "\\\\host\\odd.jpg",
    "../",
    "./../odd.jpg",
  ):
    yield _zipped(
      f"climbs: {name}", cases.REFUSED, lambda name=name: _zip([*_good(), (name, b"x")]), "outside"
    )
  for name in (
    "new\nline.jpg",
    "\r.jpg",
    "Ünï✓.jpg",
    "...jpg",
    "a" * 3000 + ".jpg",
    "\x1b[2J.jpg",
    "9" * 5000 + ".jpg",
  ):
    yield _zipped(
      f"a name {name[:40]!r}",
      cases.ACCEPTED,
      lambda name=name: _zip([*_good(), (name, images.sample(3))]),
    )
  yield _zipped(
    "a name twice", cases.REFUSED, lambda: _zip([*_good(), (_info(ODD), b"x")]), "twice"
  )
  yield _zipped(
    "a zip within", cases.ACCEPTED, lambda: _zip([*_good(), ("more.zip", _zip(_good()))])
  )
  yield _zipped(
    "a zip within, called .jpg",
    cases.SET_ASIDE,
    lambda: _zip([*_good(), ("zip.jpg", _zip(_good()))]),
    "not an image",
  )
  yield _zipped(
    "a link to /etc/passwd",
    cases.SET_ASIDE,
    lambda: _zip(
      [*_good(), (_info("link.jpg", external_attr=0o120777 << 16, create_system=3), b"/etc/passwd")]
    ),
    "not an image",
  )
  yield _zipped(
    "folders only",
    cases.REFUSED,
    lambda: _zip([("a.jpg/", b""), ("labels.csv", LABELS)]),
    "no photos",
  )
  yield _zipped(
    "photos in two folders",
    cases.REFUSED,
    lambda: _zip([*_good(), ("more/a.jpg", b"x")]),
    "several folders",
  )
  yield _zipped("nothing in it", cases.REFUSED, lambda: _zip([]))
  yield _zipped("no annotations", cases.REFUSED, lambda: _zip(_good()[:2]), "no annotations")
  yield _zipped(
    "annotations of 1 GB",
    cases.REFUSED,
    lambda: _zip(
      [*_good()[:2], ("labels.csv", LABELS + bytes(1 << 30))], compression=zipfile.ZIP_DEFLATED
    ),
  )
  yield _zipped(
    "an attribute file of 1 GB",
    cases.REFUSED,
    lambda: _zip(
      [*_good()[:2], ("list_attr_celeba.txt", _long_list())], compression=zipfile.ZIP_DEFLATED
    ),
  )
  yield _zipped(
    "a photo of 1 GB",
    cases.SET_ASIDE,
    lambda: _zip([*_good(), ("zeros.jpg", bytes(1 << 30))], compression=zipfile.ZIP_DEFLATED),
    "too large",
  )
  yield _zipped(
    "a photo of 90 MB",
    cases.SET_ASIDE,
    lambda: _zip([*_good(), ("zeros.jpg", bytes(90 << 20))], compression=zipfile.ZIP_DEFLATED),
    "not an image",
  )
  for method in ("ZIP_BZIP2", "ZIP_LZMA"):
    for what, at in (("photos", 1), ("annotations", 2)):
      yield _zipped(
        f"{what} in {method}",
        cases.SET_ASIDE if what == "photos" else cases.REFUSED,
        lambda method=method, at=at: _zip_of_method(at, getattr(zipfile, method)),
        "compressed",
      )
  yield _zipped(
    "100,000 members",
    cases.SET_ASIDE,
    lambda: _zip(
      [
        *_good(),
        *((f"{i}.txt", b"") for i in range(99_990)),
        *((f"{i}.jpg", b"") for i in range(10)),
      ]
    ),
    "empty",
  )


def _long_list() -> bytes:
  line = b"good.jpg 1\n"
  return b"1\nSmiling\n" + line * ((1 << 30) // len(line))


def _zip_of_method(at: int, method: int) -> bytes:
  stream = io.BytesIO()
  with zipfile.ZipFile(stream, "w") as archive:
    for number, (name, content) in enumerate(_good()):
      archive.writestr(name, content, method if number == at else None)
  return stream.getvalue()


def _patched(data: bytes, member: str, local: dict[int, bytes], central: dict[int, bytes]) -> bytes:
  """A zip with bytes of a member's two headers replaced, by offset."""
  changed = bytearray(data)
  for signature, name_at, changes in ((_LOCAL, 30, local), (_CENTRAL, 46, central)):
    at = -1
    while True:
      at = data.index(signature, at + 1)
      if data[at + name_at :].startswith(member.encode()):
        break
    for offset, value in changes.items():
      changed[at + offset : at + offset + len(value)] = value
  return bytes(changed)


def _lies() -> Iterator[cases.Case]:
  def both(
    name: str,
    outcome: str,
    local: dict[int, bytes],
    central: dict[int, bytes],
    reason: str = "",
    member: str = ODD,
    more: Callable[[], Members] = lambda: [],
    **options,
  ):
    return _zipped(
      name,
      outcome,
      lambda: _patched(_zip([*_good(), *more()], **options), member, local, central),
      reason,
    )

  encrypted = struct.pack("<H", 1)
  for member in (ODD, "labels.csv"):
    yield both(
      f"{member} is encrypted", cases.REFUSED, {6: encrypted}, {8: encrypted}, "encrypted", member
    )
    yield both(
      f"{member} is encrypted, says its own header", cases.EITHER, {6: encrypted}, {}, member=member
    )
    for method in (6, 8, 9, 12, 14, 93, 99, 65535):
      value = struct.pack("<H", method)
      yield both(
        f"{member} is compressed in way {method}",
        cases.EITHER,
        {8: value},
        {10: value},
        member=member,
      )
    for size in (0, 1, 100, 2**31, 2**32 - 2, 2**32 - 1):
      value = struct.pack("<I", size)
      yield both(
        f"{member} says it has {size:,} bytes",
        cases.EITHER,
        {22: value},
        {24: value},
        member=member,
      )
      yield both(
        f"{member} says it takes {size:,} bytes",
        cases.EITHER,
        {18: value},
        {20: value},
        member=member,
      )
  for offset in (1, 2**31, 2**32 - 1):
    yield both(
      f"a member begins at byte {offset:,}", cases.EITHER, {}, {42: struct.pack("<I", offset)}
    )
  small = struct.pack("<I", 1000)
  yield both(
    "1 GB that says it has 1,000 bytes",
    cases.SET_ASIDE,
    {22: small},
    {24: small},
    member="zeros.jpg",
    more=lambda: [("zeros.jpg", bytes(1 << 30))],
    compression=zipfile.ZIP_DEFLATED,
  )
  yield both(
    "6 GB that say they have 1,000 bytes",
    cases.SET_ASIDE,
    {8: b"\x08\0", 22: small},
    {10: b"\x08\0", 24: small},
    member="zeros.jpg",
    more=lambda: [("zeros.jpg", _deflated())],
  )
  for name, value in (("of a version", b"\xff\xff"),):
    yield both(f"needs 6553.5 {name}", cases.EITHER, {4: value}, {6: value})
  for what, at, value in (
    ("entries", 10, b"\xff\xff"),
    ("bytes of directory", 12, b"\xff" * 4),
    ("begin of directory", 16, b"\xff" * 4),
    ("disks", 4, b"\x05\0"),
  ):
    yield _zipped(f"lies about {what}", cases.EITHER, lambda at=at, value=value: _ending(at, value))
  yield _zipped("a comment that is cut off", cases.EITHER, lambda: _zip(_good())[:-1] + b"\x10")
  yield _zipped("1 MB before it", cases.EITHER, lambda: bytes(1 << 20) + _zip(_good()))
  yield _zipped(
    "a script before it", cases.ACCEPTED, lambda: payloads.COMMAND.encode() + _zip(_good())
  )
  yield _zipped("a zip64 that lies", cases.EITHER, _zip64)


def _deflated() -> bytes:
  """Raw deflate of 6 GB of zeros: a block of 64 KB, a hundred thousand
  times."""
  import zlib

  stream = zlib.compressobj(9, zlib.DEFLATED, -15)
  start = stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
  return start * 6144 + b"\x03\0"


def _ending(at: int, value: bytes) -> bytes:
  data = bytearray(_zip(_good()))
  end = data.rindex(b"PK\x05\x06")
  data[end + at : end + at + len(value)] = value
  return bytes(data)


def _zip64() -> bytes:
  info = _info("big.jpg", extra=struct.pack("<HHQQ", 1, 16, 2**63, 2**63))
  data = _zip([*_good(), (info, b"x")])
  value = b"\xff" * 4
  return _patched(data, "big.jpg", {}, {20: value, 24: value})


def _damaged() -> Iterator[cases.Case]:
  def sound() -> bytes:
    return _zip(_good(), compression=zipfile.ZIP_DEFLATED)

  yield from cases.damaged("zip", "zip", "photos.zip", sound, 60)
  # The directory is at the end.
  for number in range(40):
    yield _zipped(
      f"directory, 3 bits turned, {number}",
      cases.EITHER,
      lambda number=number: _turned_at_end(sound(), number),
    )


def _turned_at_end(data: bytes, number: int) -> bytes:
  start = data.index(_CENTRAL)
  rng = random.Random(number)
  changed = bytearray(data)
  for _ in range(3):
    changed[rng.randrange(start, len(data))] ^= 1 << rng.randrange(8)
  return bytes(changed)
