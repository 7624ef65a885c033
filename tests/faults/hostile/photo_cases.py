"""Photos: damaged, misnamed, of odd kinds and sizes, and bombs."""

import functools
import itertools
import os
import pathlib
import re
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from tests.faults.hostile import cases, images, payloads

_OTHER_FORMATS = ("PNG", "GIF", "TIFF", "WEBP", "BMP")
_ENDINGS = {
  "PNG": ".png",
  "GIF": ".gif",
  "TIFF": ".tif",
  "WEBP": ".webp",
  "BMP": ".bmp",
  "JPEG": ".jpg",
}
_ODD_STEMS = (
  "new\nline",
  "carriage\rreturn",
  "\r\n",
  "tab\t",
  "Ünï✓",
  "..",
  "...jpg",
  'quo"te',
  "comma,semi;",
  "-rf",
  "$(touch EXECUTED)",
  "%00",
  " lead",
  "\u202egpj",
  "a" * 240,
)
_LARGE = re.compile(r"million|\d MB|megapixel|\d,000|\d0 x")


def all_cases() -> Iterator[cases.Case]:
  """Every case, always the same."""
  return itertools.chain(
    _damaged(), _misnamed(), _modes(), _turned(), _sizes(), _bombs(), _nothing()
  )


def _photo(
  name: str, outcome: str, content: Callable[[], bytes], reason: str = "", file: str = "photo.jpg"
) -> cases.Case:
  return cases.of_bytes(name, "photo", outcome, file, content, reason)


def _damaged() -> Iterator[cases.Case]:
  for number in range(8):
    yield from cases.damaged(
      "photo",
      f"sample photo {number}",
      "photo.jpg",
      functools.partial(images.sample, number),
      30,
      within=700 if number % 2 else 0,
    )
  for format in _OTHER_FORMATS:
    yield from cases.damaged(
      "photo",
      format,
      f"photo{_ENDINGS[format]}",
      functools.partial(images.encoded, format),
      30,
      within=200,
    )
  for format, options in (
    ("JPEG", {"progressive": True}),
    ("MPO", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "jpeg"}),
    ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ("WEBP", {"lossless": True}),
  ):
    what = " ".join([format, *map(str, options.values())])
    yield from cases.damaged(
      "photo", what, "photo.jpg", functools.partial(images.encoded, format, **options), 12
    )
  for orientation in (3, 6):
    yield from cases.damaged(
      "photo",
      f"EXIF data of orientation {orientation}",
      "photo.jpg",
      functools.partial(images.with_orientation, "JPEG", orientation),
      18,
      within=120,
    )


def _misnamed() -> Iterator[cases.Case]:
  for format, ending in itertools.product((*_OTHER_FORMATS, "JPEG"), _ENDINGS.values()):
    if _ENDINGS[format] != ending:
      yield _photo(
        f"{format} called {ending}",
        cases.ACCEPTED,
        lambda format=format: images.encoded(format),
        file=f"photo{ending}",
      )
  for format in ("PPM", "ICO", "TGA", "PCX", "PDF", "EPS", "JPEG2000", "SGI", "DDS", "ICNS"):
    yield _photo(
      f"{format} called .jpg",
      cases.SET_ASIDE,
      lambda format=format: images.encoded(format, size=(64, 64)),
      "not an image",
    )


def _modes() -> Iterator[cases.Case]:
  for format, modes in (
    ("JPEG", ("L", "CMYK", "RGB")),
    ("PNG", ("1", "L", "LA", "P", "RGBA", "I;16", "I")),
    ("TIFF", ("1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "LAB")),
    ("WEBP", ("RGBA", "L")),
    ("GIF", ("1", "L", "RGBA")),
    ("BMP", ("1", "L", "P", "RGBA")),
  ):
    for mode in modes:
      # Of these Pillow writes a kind that it does not read.
      yield _photo(
        f"{format} of mode {mode}",
        cases.EITHER if (format, mode) == ("TIFF", "YCbCr") else cases.ACCEPTED,
        functools.partial(_of_mode, format, mode),
      )


def _of_mode(format: str, mode: str) -> bytes:
  if mode.startswith("I;16"):
    values = np.linspace(0, 65535, 40 * 48).reshape(40, 48)
    return images.file_of(Image.fromarray(values.astype(np.uint16)), format)
  return images.encoded(format, mode)


def _turned() -> Iterator[cases.Case]:
  for format in ("JPEG", "PNG", "WEBP", "TIFF"):
    for value in range(1, 9):
      yield _photo(
        f"{format} of orientation {value}",
        cases.ACCEPTED,
        functools.partial(images.with_orientation, format, value),
      )
    for value in (0, 9, 255, 65535):
      yield _photo(
        f"{format} of orientation {value}",
        cases.ACCEPTED,
        functools.partial(images.with_orientation, format, value),
      )
  for name, entry in (
    ("text", (images.ORIENTATION, 2, 4, b"six\0")),
    ("rational beyond the end", (images.ORIENTATION, 5, 1, b"\xff" * 4)),
    ("four billion", (images.ORIENTATION, 3, 0xFFFFFFFF, bytes(4))),
    ("of unknown type", (images.ORIENTATION, 99, 1, bytes(4))),
    ("none", (images.ORIENTATION, 3, 0, bytes(4))),
  ):
    yield _photo(f"orientation is {name}", cases.EITHER, functools.partial(_with_entry, entry))


def _with_entry(entry) -> bytes:
  return images.jpeg_with_exif(images.tiff([entry]))


def _sizes() -> Iterator[cases.Case]:
  for format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
    for size in ((1, 1), (15, 16), (1, 16_000)):
      yield _photo(
        f"{format} of {size[0]} x {size[1]}",
        cases.SET_ASIDE,
        functools.partial(images.flat, format, "L", *size),
        "too small",
      )
  for format in ("JPEG", "PNG", "TIFF", "BMP", "GIF"):
    for size in ((1, 30_000), (30_000, 1)):
      yield _photo(
        f"{format} of {size[0]} x {size[1]}",
        cases.SET_ASIDE,
        functools.partial(images.flat, format, "L", *size),
        "too small",
      )
    yield _photo(
      f"{format} of 16 x 30000",
      cases.ACCEPTED,
      functools.partial(images.flat, format, "L", 16, 30_000),
    )
  for format in ("PNG", "TIFF", "BMP"):
    for size in ((16, 70_000), (700_000, 16)):
      yield _photo(
        f"{format} of {size[0]} x {size[1]}",
        cases.SET_ASIDE,
        functools.partial(images.flat, format, "L", *size),
        "too l",
      )
  for size in ((0, 0), (0, 100), (2**31 - 1, 2**31 - 1), (100_000, 501)):
    yield _photo(
      f"PNG that says {size[0]} x {size[1]}",
      cases.SET_ASIDE,
      functools.partial(images.png_of_size, *size),
    )
  for format, mode, side in (
    ("PNG", "RGB", 7071),
    ("PNG", "RGBA", 7071),
    ("TIFF", "RGB", 7000),
    ("JPEG", "L", 7071),
    ("JPEG", "CMYK", 7000),
    ("WEBP", "RGB", 7000),
  ):
    options = {"compression": "tiff_lzw"} if format == "TIFF" else {}
    yield _photo(
      f"{format} of mode {mode} and nearly 50 megapixels",
      cases.ACCEPTED,
      functools.partial(images.flat, format, mode, side, side, **options),
    )
  for format in ("PNG", "TIFF"):
    yield _photo(
      f"{format} of 32 bits and nearly 50 megapixels",
      cases.ACCEPTED,
      functools.partial(
        images.flat,
        format,
        "I",
        7000,
        7000,
        **({"compression": "tiff_lzw"} if format == "TIFF" else {}),
      ),
    )


def _bombs() -> Iterator[cases.Case]:
  for format, side in (
    ("PNG", 12_000),
    ("JPEG", 20_000),
    ("GIF", 12_000),
    ("WEBP", 16_000),
    ("TIFF", 12_000),
  ):
    options = {"compression": "tiff_deflate"} if format == "TIFF" else {}
    yield _photo(
      f"{format} of {side} x {side} of one colour",
      cases.SET_ASIDE,
      functools.partial(images.flat, format, "L", side, side, **options),
      "too large",
    )
  yield _photo("GIF of 3,000 frames", cases.ACCEPTED, functools.partial(images.gif_of_frames, 3000))
  yield _photo(
    "GIF of 400,000 comments", cases.SET_ASIDE, functools.partial(images.gif_with_comments, 400_000)
  )
  yield _photo(
    "BMP of 16 million runs", cases.SET_ASIDE, functools.partial(images.bmp_of_runs, 4000)
  )
  yield _photo(
    "JPEG of 2,000 scans",
    cases.SET_ASIDE,
    functools.partial(images.jpeg_of_scans, 7000, 2000),
    "scans",
  )
  yield _photo(
    "JPEG of 5 million segments",
    cases.SET_ASIDE,
    lambda: images.inserted(images.encoded("JPEG"), images.segment(0xE3, b"") * 5_000_000),
  )
  yield _photo(
    "JPEG with 50 MB between its segments",
    cases.SET_ASIDE,
    lambda: images.inserted(images.encoded("JPEG"), b"\xff" * 50_000_000),
  )
  yield _photo(
    "JPEG with 50 MB of zeros between its segments",
    cases.SET_ASIDE,
    lambda: images.inserted(images.encoded("JPEG"), bytes(50_000_000)),
  )
  yield _photo(
    "JPEG of 300 comments",
    cases.ACCEPTED,
    lambda: images.inserted(images.encoded("JPEG"), images.segment(0xFE, b"c" * 60_000) * 300),
  )
  for size in (64_000, 500_000):
    count = size // 12 // 2
    blob = functools.partial(images.overlapping_tags, count, size // 2)
    yield _photo(
      f"JPEG with {count:,} EXIF tags of {size // 2:,} bytes",
      cases.ACCEPTED if size == 64_000 else cases.SET_ASIDE,
      lambda blob=blob: images.jpeg_with_exif(blob()),
    )
    for format in ("PNG", "WEBP"):
      yield _photo(
        f"{format} with {count:,} EXIF tags of {size // 2:,} bytes",
        cases.ACCEPTED if size == 64_000 else cases.SET_ASIDE,
        lambda format=format, blob=blob: images.encoded(format, exif=b"Exif\0\0" + blob()),
      )
  yield _photo(
    "TIFF with 32,000 tags of 1 MB",
    cases.SET_ASIDE,
    lambda: images.overlapping_tags(32_000, 1_000_000),
  )
  yield _photo(
    "TIFF with 12 million fractions",
    cases.SET_ASIDE,
    lambda: images.tiff([(0x11A, 5, 12_000_000, struct.pack("<I", 8))], bytes(96_000_000)),
  )
  yield _photo(
    "TIFF whose next directory is the same",
    cases.EITHER,
    lambda: images.encoded("TIFF")[:-4] + struct.pack("<I", 8),
  )
  yield _photo("JPEG with 60 KB of fractions for an index of pictures", cases.SET_ASIDE, _mpf_bomb)
  for size, outcome in ((10_000, cases.ACCEPTED), (90_000_000, cases.EITHER)):
    yield _photo(
      f"PNG with a text of {size:,} bytes",
      outcome,
      lambda size=size: images.png_with(images.chunk(b"tEXt", b"Comment\0" + b"c" * size)),
    )
    yield _photo(
      f"PNG with a compressed text of {size:,} bytes",
      outcome,
      lambda size=size: images.png_with(_compressed_text(size)),
    )
  yield _photo(
    "PNG of 3 million chunks",
    cases.SET_ASIDE,
    lambda: images.png_with(images.chunk(b"prIv", b"") * 3_000_000),
  )
  yield _photo("PNG with an EXIF chunk in hexadecimal", cases.SET_ASIDE, _hexadecimal_exif)


def _compressed_text(size: int) -> bytes:
  return images.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"c" * size))


def _mpf_bomb() -> bytes:
  count = 2000
  start = 8 + 2 + 12 * count + 4
  size = 35_000 // 8
  blob = images.tiff(
    [(0x8000 + i, 5, size, struct.pack("<I", start)) for i in range(count)], b"\1" * (8 * size)
  )
  return images.inserted(images.encoded("JPEG"), images.segment(0xE2, b"MPF\0" + blob))


def _hexadecimal_exif() -> bytes:
  blob = b"Exif\0\0" + images.overlapping_tags(20_000, 200_000)
  text = f"\nexif\n{len(blob)}\n" + blob.hex()
  return images.png_with(images.chunk(b"tEXt", b"Raw profile type exif\0" + text.encode()))


def _nothing() -> Iterator[cases.Case]:
  yield _photo("nothing", cases.SET_ASIDE, lambda: b"", "empty file")
  for size in (1, 2, 3, 1000, 1_000_000):
    yield _photo(
      f"{size:,} zero bytes", cases.SET_ASIDE, lambda size=size: bytes(size), "not an image"
    )
  for number in range(8):
    yield _photo(
      f"random bytes, {number}",
      cases.SET_ASIDE,
      lambda number=number: images.noise(2000, str(number)),
    )
  for format in ("JPEG", *_OTHER_FORMATS):
    yield _photo(
      f"{format}'s first bytes, then random ones",
      cases.SET_ASIDE,
      lambda format=format: images.encoded(format)[:24] + images.noise(5000, format),
    )
  for name, text in (
    ("a script", b"#!/bin/sh\ntouch EXECUTED\n"),
    ("a pickle", payloads.pickled()),
    ("a page", b"<html><script>alert(1)</script></html>"),
    (
      "SVG with an entity",
      b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc'
      b'/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
    ),
    (
      "PostScript",
      b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n(EXECUTED) (w) file closefile\n",
    ),
  ):
    yield _photo(f"{name} called .jpg", cases.SET_ASIDE, lambda text=text: text, "not an image")
  yield _photo(
    "251 MB", cases.SET_ASIDE, lambda: images.encoded("JPEG") + bytes(251 << 20), "too large"
  )


def write_all(folder: pathlib.Path, every: int = 1) -> None:
  """Photos in one folder, some under names that are hard to handle, and what
  only has a photo's name.

  Args:
    folder: that gets them.
    every: 1 writes all; more, one of so many, and none that are large.
  """
  scratch = folder / ".scratch"
  scratch.mkdir()
  number = 0
  for place, case in enumerate(all_cases()):
    if place % every or (every > 1 and _LARGE.search(case.name)):
      continue
    made = case.make(scratch)
    stem = _ODD_STEMS[number] if number < len(_ODD_STEMS) else (f"hostile {number:04d}")
    made.rename(folder / f"{stem}{made.suffix}")
    number += 1
  scratch.rmdir()
  os.mkfifo(folder / "fifo.jpg")
  (folder / "folder.jpg").mkdir()
  for target in ("/dev/zero", "loop.jpg", "none", "..", "fifo.jpg", "/proc/self/maps"):
    (folder / f"link to {target.strip('/').replace('/', ' ')}.jpg").symlink_to(target)
  (folder / "loop.jpg").symlink_to("loop.jpg")
