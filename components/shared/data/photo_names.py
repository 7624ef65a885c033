"""Which photo a name means that someone or some program has written down."""

import collections
import difflib
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Collection, Mapping

from components.shared.core import errors

PHOTO_ENDINGS = (
  *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
  *(".heic", ".heif", ".hif", ".avif"),
)
_MOST_COMPARED = 20_000
"""Names among which a misspelt one is looked for, which takes a second."""


class Ambiguous(Exception):
  """A name that may mean several photos; says which."""


class PhotoNames:
  """Finds the photo that a name means.

  The name itself comes first. Next come names that differ in what says nothing
  about which photo it is: how Unicode's accents are composed (macOS takes them
  apart), which kind of blanks it has, folders before it (with either slash),
  what is written as %20, Label Studio's prefix of an upload, capitals, and the
  ending.
  """

  def __init__(self, photos: Collection[str]):
    self._photos = photos
    self._tables: dict[Callable[[str], str], Mapping[str, list[str]]] = {}

  def find(self, written: str) -> str | None:
    """The photo's name as it is; None if there is none.

    Raises:
      Ambiguous: several photos are as near to it.
    """
    if written in self._photos:
      return written
    last = re.split(r"[\\/]", written)[-1]
    plain = urllib.parse.unquote(last)
    for name in dict.fromkeys((written, last, plain, re.sub("^[0-9a-f]{8}-", "", plain))):
      found = self._table(_without_ending).get(_without_ending(name), []) if name else []
      for form in (_composed, _folded):
        if len(found) > 1:
          found = [photo for photo in found if form(photo) == form(name)] or found
      if len(found) > 1:
        one, other = (errors.shown(photo) for photo in sorted(found)[:2])
        raise Ambiguous(f"`{errors.shown(written)}` may be `{one}` or `{other}`")
      if found:
        return found[0]
    return None

  def did_you_mean(self, written: str) -> str:
    """A hint that begins with a semicolon, for a name that means no photo; may be empty."""
    last = re.split(r"[\\/]", written)[-1]
    near = self._table(_number).get(_number(last), [])
    if not near and not stem(last).isdigit() and len(self._photos) <= _MOST_COMPARED:
      near = difflib.get_close_matches(last, self._photos, n=2, cutoff=0.8)
    return f"; did you mean `{'` or `'.join(map(errors.shown, near[:2]))}`?" if near else ""

  def _table(self, form: Callable[[str], str]) -> Mapping[str, list[str]]:
    if form not in self._tables:
      table = collections.defaultdict(list)
      for photo in self._photos:
        table[form(photo)].append(photo)
      self._tables[form] = dict(table)
    return self._tables[form]


def stem(name: str) -> str:
  """A photo's name without its ending."""
  start, dot, ending = name.rpartition(".")
  return start if dot + ending.lower() in PHOTO_ENDINGS else name


def _composed(name: str) -> str:
  return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
  return unicodedata.normalize("NFKC", name).strip().casefold()


def _without_ending(name: str) -> str:
  return stem(_folded(name))


def _number(name: str) -> str:
  """Spreadsheets leave out zeros at the start."""
  return _without_ending(name).lstrip("0")
