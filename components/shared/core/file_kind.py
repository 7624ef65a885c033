"""What a file is, by its first bytes, where it is not what it should be."""

import re

HEAD = 512
"""Bytes that `of` looks at."""

_STARTS: tuple[tuple[bytes, str], ...] = (
  (rb"\xff\xd8\xff|\x89PNG|GIF8|BM....\0\0\0\0|II\*\0|MM\0\*|RIFF....WEBP", "a picture"),
  (rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "a HEIC photo"),
  (rb"....ftyp(avif|avis)", "an AVIF photo"),
  (rb"....ftyp(qt  |mp4|isom|M4V|3gp|iso2|avc1)|\x1aE\xdf\xa3", "a video"),
  (rb"\0\0\0\x0cjP  \r\n", "a JPEG 2000 picture"),
  (rb"\0\0\0\x0cJXL |\xff\x0a", "a JPEG XL picture"),
  (rb"8BPS", "a Photoshop file"),
  (rb"%PDF", "a PDF"),
  (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"),
  (rb"Rar!", "a RAR archive"),
  (rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "a compressed archive"),
  (rb".{257}ustar", "a tar archive"),
  (rb"PAR1", "a Parquet file"),
  (rb"ARROW1|FEA1", "an Arrow file"),
  (rb"\x89HDF", "an HDF5 file"),
  (rb"SQLite format 3", "a SQLite database"),
  (rb"\xd0\xcf\x11\xe0", "an Excel file (.xls)"),
  (rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis", "an OpenDocument file"),
  (rb"PK\x03\x04.{26}(\[Content_Types\]\.xml|_rels/|xl/|docProps/)", "an Excel file (.xlsx)"),
  (rb"PK\x07\x08", "a part of a split zip"),
  (rb"PK\x03\x04|PK\x05\x06", "a zip"),
  (rb"version https://git-lfs", "a Git LFS pointer, without the file itself"),
  (rb"\s*(<!doctype html|<html)", "a web page"),
  (rb"\s*<svg|\s*<\?xml[^>]*>\s*(<!--.*?-->\s*)?<svg", "an SVG drawing"),
  (rb"\s*<\?xml", "an XML file"),
  (rb'\s*[\[{]\s*["{\[}\]]', "a JSON file"),
)


def of(head: bytes) -> str | None:
  """A kind for people, with its article; None where that can't be told.

  Args:
    head: the file's first bytes, `HEAD` of them as far as there are.
  """
  for start, kind in _STARTS:
    if re.match(start, head, re.DOTALL | re.IGNORECASE):
      return kind
  return None
