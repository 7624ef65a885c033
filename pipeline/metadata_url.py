"""The address of a database for ML Metadata; the password goes elsewhere."""

import dataclasses
import os
import re
import urllib.parse

PASSWORD_VARIABLE = "MYSQL_PWD"  # noqa: S105  A name, no password.
"""Environment variable out of which the MySQL client library, and so ML
Metadata, takes the password. TFX logs the rest of the connection."""
_FORM = "mysql://user@host:3306/database"


@dataclasses.dataclass(frozen=True)
class MetadataUrl:
  """`mysql://user@host:port/database`, taken apart."""

  user: str
  host: str
  port: int
  database: str

  @property
  def place(self) -> str:
    """The database, whoever logs in."""
    host = f"[{self.host}]" if ":" in self.host else self.host
    return f"{host}:{self.port}/{self.database}"

  def __str__(self) -> str:
    return f"mysql://{urllib.parse.quote(self.user, safe='')}@{self.place}"


def parse(text: str) -> MetadataUrl:
  """Reads an address that has no password.

  Raises:
    ValueError: it has one, or is not of that form; the message holds nothing
      of the text, which may be secret.
  """
  parts, url = _split(text)
  if parts.password is not None:
    raise ValueError(
      "leave the password out, since settings are written to files; give "
      f"it in the environment variable {PASSWORD_VARIABLE}, or in the URL "
      "of --metadata"
    )
  return url


def keep_password(text: str) -> str:
  """Moves the password of an address, if it has one, into the environment.

  Returns:
    The address without it.

  Raises:
    ValueError: it is not of that form; the message holds nothing of it.
  """
  parts, url = _split(text)
  if parts.password is not None:
    os.environ[PASSWORD_VARIABLE] = urllib.parse.unquote(parts.password)
  return str(url)


def _split(text: str):
  try:
    parts = urllib.parse.urlsplit(text)
    port = parts.port or 3306
  except ValueError:
    raise ValueError(
      f"not the address of a database; write it as {_FORM}, and special "
      "characters of a password as %2F and the like"
    ) from None
  if (
    parts.scheme != "mysql"
    or not parts.username
    or not parts.hostname
    or (parts.query or parts.fragment)
  ):
    raise ValueError(f"not the address of a MySQL database; write it as {_FORM}")
  # ML Metadata puts the name into its SQL as it is.
  if not re.fullmatch(r"/[A-Za-z0-9_]{1,64}", parts.path):
    raise ValueError(
      f"names no database; write it as {_FORM}, with letters, digits and _ in the database's name"
    )
  return parts, MetadataUrl(
    user=urllib.parse.unquote(parts.username),
    host=parts.hostname,
    port=port,
    database=parts.path[1:],
  )
