"""A file that has come in part, and what the server said of it then."""

import json
import pathlib
import re
from collections.abc import Mapping
from typing import Any

import requests

_IN_HEADER = re.compile("[!-~][ -~]{0,999}")
_KINDS = {"etag": str, "modified": str, "size": int}


class Part:
  """A file and, beside it, notes by which its rest can be asked for.

  Attributes:
    path: the file; it need not exist.
  """

  def __init__(self, path: pathlib.Path):
    self.path = path
    self._notes = path.with_name(f"{path.name}.json")

  @property
  def length(self) -> int:
    """How many bytes of it are here."""
    return self.path.stat().st_size if self.path.exists() else 0

  def request_headers(self) -> dict[str, str]:
    """Asks for the rest; for all, if the server's file has changed.

    A weak entity tag must not be used for that: RFC 9110, section 13.1.5.
    """
    if not self.length:
      return {}
    headers = {"Range": f"bytes={self.length}-"}
    notes = self._read_notes()
    tag, date = notes.get("etag"), notes.get("modified")
    if tag and not tag.startswith("W/"):
      headers["If-Range"] = tag
    elif date:
      headers["If-Range"] = date
    return headers

  def begin(self, response: requests.Response) -> None:
    """Starts afresh with what the response sends."""
    self.drop()
    draft = self._notes.with_suffix(".new")
    draft.write_text(json.dumps(_notes_of(response)))
    draft.replace(self._notes)

  def is_continued_by(self, response: requests.Response) -> bool:
    """Whether a response of status 206 is the rest of this very file."""
    if _first_byte(response) != self.length:
      return False
    before, now = self._read_notes(), _notes_of(response)
    return all(before.get(name) in (None, now[name]) for name in now if now[name] is not None)

  def is_whole(self, response: requests.Response) -> bool:
    """Whether a response of status 416 says that there is no more."""
    size = total(response) or self._read_notes().get("size")
    return self.length > 0 and size == self.length

  def drop(self) -> None:
    """Deletes it; the file first, as notes without it do no harm."""
    self.path.unlink(missing_ok=True)
    self._notes.unlink(missing_ok=True)

  def _read_notes(self) -> Mapping[str, Any]:
    try:
      notes = json.loads(self._notes.read_text())
    except (OSError, ValueError, RecursionError):  # damaged: as good as none
      return {}
    if not isinstance(notes, dict):
      return {}
    return {
      name: value
      for name, value in notes.items()
      if isinstance(value, _KINDS.get(name, ()))
      and (not isinstance(value, str) or _IN_HEADER.fullmatch(value))
    }


def total(response: requests.Response) -> int | None:
  """Bytes of the whole file, of which a response may be a part."""
  if response.status_code == requests.codes.ok:
    length = response.headers.get("Content-Length", "")
    return int(length) if re.fullmatch("[0-9]{1,20}", length) else None
  found = re.fullmatch(r"bytes .*/([0-9]{1,20})", response.headers.get("Content-Range", ""))
  return int(found[1]) if found else None


def _first_byte(response: requests.Response) -> int | None:
  found = re.match(r"bytes ([0-9]{1,20})-", response.headers.get("Content-Range", ""))
  return int(found[1]) if found else None


def _notes_of(response: requests.Response) -> dict[str, object]:
  return {
    "etag": response.headers.get("ETag"),
    "modified": response.headers.get("Last-Modified"),
    "size": total(response),
  }
