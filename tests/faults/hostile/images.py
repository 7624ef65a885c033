"""Sound and crafted files of images."""

import functools
import io
import random
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from components.shared import assets

ORIENTATION = 0x0112


@functools.lru_cache(None)
def sample(number: int) -> bytes:
  """One of the sample's photos."""
  names = sorted(path.name for path in assets.sample_photos().iterdir())
  return (assets.sample_photos() / names[number * 37]).read_bytes()


@functools.lru_cache(None)
def encoded(
  format: str, mode: str = "RGB", size: tuple[int, int] = (48, 40), **options: Any
) -> bytes:
  """A file of random pixels with some structure."""
  rng = np.random.default_rng(len(format) + len(mode))
  small = rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)
  image = Image.fromarray(small).resize(size).convert(mode)
  return file_of(image, format, **options)


def file_of(image: Image.Image, format: str, **options: Any) -> bytes:
  """An image's file."""
  stream = io.BytesIO()
  image.save(stream, format, **options)
  return stream.getvalue()


def flat(format: str, mode: str, width: int, height: int, **options: Any) -> bytes:
  """A file of one colour, which may be much smaller than its pixels."""
  return file_of(Image.new(mode, (width, height)), format, **options)


def with_orientation(format: str, value: Any) -> bytes:
  """A photo that its EXIF data turn."""
  exif = Image.Exif()
  exif[ORIENTATION] = value
  image = Image.open(io.BytesIO(sample(0)))
  return file_of(image, format, exif=exif)


def tiff(entries: Sequence[tuple[int, int, int, bytes]], tail: bytes = b"") -> bytes:
  """A little-endian TIFF header and directory.

  Args:
    entries: tag, type, count and the four bytes of value or offset.
    tail: what follows the directory.
  """
  directory = (
    struct.pack("<H", len(entries))
    + b"".join(struct.pack("<HHI", tag, kind, count) + value for tag, kind, count, value in entries)
    + bytes(4)
  )
  return b"II*\0" + struct.pack("<I", 8) + directory + tail


def overlapping_tags(count: int, size: int) -> bytes:
  """Tags that all have the same bytes for a value: `count * size` in all."""
  start = 8 + 2 + 12 * count + 4
  return tiff([(0x8000 + i, 7, size, struct.pack("<I", start)) for i in range(count)], bytes(size))


def segment(marker: int, content: bytes) -> bytes:
  """A segment of a JPEG."""
  return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def inserted(jpeg: bytes, *segments: bytes) -> bytes:
  """A JPEG with segments after its first two bytes."""
  return jpeg[:2] + b"".join(segments) + jpeg[2:]


def jpeg_with_exif(blob: bytes) -> bytes:
  """A JPEG whose EXIF data go over as many segments as it takes."""
  parts = [blob[at : at + 65_000] for at in range(0, len(blob), 65_000)]
  return inserted(encoded("JPEG"), *(segment(0xE1, b"Exif\0\0" + part) for part in parts))


def jpeg_of_scans(side: int, scans: int) -> bytes:
  """A progressive JPEG that says again and again how nothing changes."""
  jpeg = flat("JPEG", "L", side, side, progressive=True)
  last = jpeg.rindex(b"\xff\xda")
  # Refinement of coefficients 1 to 63 by one bit, end-of-band runs only.
  table = last - jpeg[:last][::-1].index(b"\xc4\xff") - 2
  one = jpeg[table:-2]
  return jpeg[:-2] + one * scans + b"\xff\xd9"


def chunk(kind: bytes, content: bytes) -> bytes:
  """A chunk of a PNG."""
  return (
    struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
  )


def png_with(*chunks: bytes, png: bytes | None = None) -> bytes:
  """A PNG with more chunks before its pixels."""
  png = png or encoded("PNG")
  start = png.index(b"IDAT") - 4
  return png[:start] + b"".join(chunks) + png[start:]


def png_of_size(width: int, height: int) -> bytes:
  """A PNG that says it is large; it has next to no pixels."""
  header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
  return (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", header)
    + chunk(b"IDAT", zlib.compress(bytes(100)))
    + chunk(b"IEND", b"")
  )


def gif_with_comments(count: int) -> bytes:
  """A GIF with many short comments before its picture."""
  gif = encoded("GIF", "P")
  start = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0)
  return gif[:start] + b"!\xfe\x01c\0" * count + gif[start:]


def gif_of_frames(count: int) -> bytes:
  """An animation of many small frames."""
  frames = [Image.new("L", (16, 16), i % 256) for i in range(count)]
  return file_of(frames[0], "GIF", save_all=True, append_images=frames[1:])


def bmp_of_runs(side: int) -> bytes:
  """A run-length encoded BMP whose runs are one pixel long."""
  row = b"\x01\x07" * side + b"\0\0"
  pixels = row * side + b"\0\x01"
  palette = bytes(1024)
  header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(pixels), 0, 0, 256, 0)
  start = 14 + len(header) + len(palette)
  return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + header + palette + pixels


def noise(size: int, seed: str) -> bytes:
  """Random bytes."""
  return random.Random(seed).randbytes(size)
