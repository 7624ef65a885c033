"""Secrets that a person may have, and the forms in which one would get out."""

import base64
import json
import pathlib
import urllib.parse
from collections.abc import Iterable, Iterator

_MARK = "pl4nt3d"
ENVIRONMENT = {
  name: f"{_MARK}/{number}+{name.lower()}="
  for number, name in enumerate(
    (
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "AZURE_STORAGE_CONNECTION_STRING",
      "HF_TOKEN",
      "KAGGLE_KEY",
      "MINIO_SECRET_KEY",
      "WANDB_API_KEY",
    )
  )
}
PROXY = f"{_MARK}-proxy:p/@ss"
"""Password of a proxy, which stands in an address."""


def environment(folder: pathlib.Path, port: str = "1") -> dict[str, str]:
  """Environment variables with a secret each; one is in a file.

  Args:
    folder: for that file.
    port: of this machine, that the proxy is said to be at.
  """
  key = folder / "service-account.json"
  key.write_text(json.dumps({"type": "service_account", "private_key": f"{_MARK}-google\nkey"}))
  proxy = f"http://user:{urllib.parse.quote(PROXY, safe='')}@127.0.0.1:{port}"
  return {
    **ENVIRONMENT,
    "GOOGLE_APPLICATION_CREDENTIALS": str(key),
    "http_proxy": proxy,
    "https_proxy": proxy,
    "HTTP_PROXY": proxy,
    "HTTPS_PROXY": proxy,
    "no_proxy": "localhost,127.0.0.1",
  }


def forms(secret: str) -> set[bytes]:
  """A secret as it is, in URLs, JSON, Python, text protos and base64."""
  plain = secret.encode()
  texts = {
    secret,
    urllib.parse.quote(secret),
    urllib.parse.quote(secret, safe=""),
    json.dumps(secret)[1:-1],
    ascii(secret)[1:-1],
    "".join(chr(b) if 32 <= b < 127 else f"\\{b:03o}" for b in plain),
  }
  encoded = set()
  for shift in range(3):  # Where it stands in what was encoded.
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
      whole = encode(bytes(shift) + plain)
      encoded.add(whole[(shift + 2) // 3 * 4 : len(plain) // 3 * 4])
  return {text.encode() for text in texts} | encoded


def leaks(contents: Iterable[bytes], *more: str) -> list[bytes]:
  """Forms of a planted secret, or of others, that stand in contents."""
  wanted = {_MARK.encode()}
  for secret in (*ENVIRONMENT.values(), PROXY, f"{_MARK}-google\nkey", *more):
    wanted |= forms(secret)
  return [form for content in contents for form in wanted if form in content]


def in_folder(folder: pathlib.Path) -> Iterator[bytes]:
  """The contents of all files, whatever they are, one after the other."""
  for path in sorted(folder.rglob("*")):
    if path.is_file() and not path.is_symlink():
      yield path.read_bytes()
