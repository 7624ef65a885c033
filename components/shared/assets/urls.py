"""Which URLs are fetched from, and how they are spoken of.

All is decided with urllib3's parser, the one that makes the connection: two
parsers can see two hosts in one malformed URL.
"""

import hashlib
import re

from urllib3 import exceptions, util

from components.shared.core import errors

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def is_url(text: str) -> bool:
  """Whether a text is meant as a URL, and not as the path of a file."""
  return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) is not None


def check(url: str) -> None:
  """Lets only URLs pass whose contents nobody on the way can change.

  Raises:
    UserError: it is neither https nor http on this machine, or no URL.
  """
  if not is_allowed(url):
    raise errors.UserError(
      f"{shown(url)}: only https:// URLs are fetched, and http:// of this "
      f"machine ({', '.join(_LOOPBACK)})"
    )


def is_allowed(url: str) -> bool:
  """Whether `check` lets a URL pass."""
  parsed = _parse(url)
  return bool(parsed.host) and (parsed.scheme == "https" or is_local(url))


def is_local(url: str) -> bool:
  """Whether it is plain http that does not leave this machine."""
  parsed = _parse(url)
  return parsed.scheme == "http" and parsed.host in _LOOPBACK


def shown(url: str) -> str:
  """A URL without user, password, query: they may be secrets."""
  parsed = _parse(url)
  plain = parsed._replace(auth=None, query=None, fragment=None).url
  return re.sub(r"[^!-~]", "?", plain)


def key(url: str) -> str:
  """16 hex digits that tell URLs apart, whoever asks, and give none away."""
  parsed = _parse(url)
  plain = parsed._replace(auth=None, fragment=None).url
  return hashlib.sha256(plain.encode()).hexdigest()[:16]


def file_name(url: str) -> str:
  """The last part of its path; may be empty."""
  return (_parse(url).path or "").rpartition("/")[2]


def _parse(url: str) -> util.Url:
  try:
    return util.parse_url(url)
  except exceptions.LocationParseError as error:
    # urllib3's message holds the URL, and so perhaps a password.
    raise errors.UserError(
      "the text after --from looks like a URL and is not a valid one"
    ) from error
