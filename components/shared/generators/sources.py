"""Generators from elsewhere: by name, or a folder with a SavedModel."""

import hashlib
import os
import pathlib

from components.shared import assets
from components.shared.core import errors

NAMES = ("dcgan-digiface",)
"""Generators that a package ships; the names of their assets, too."""


def check_place(source: str) -> None:
  """Whether there is such a generator.

  Raises:
    UserError: no such name or folder.
  """
  folder = pathlib.Path(source).expanduser()
  if source not in NAMES and not (folder / "saved_model.pb").is_file():
    raise errors.UserError(
      f"{source}: no generator of that name and no SavedModel there; there "
      f"are: {', '.join(NAMES)}, or name a folder with a saved_model.pb"
    )


def fetch(source: str) -> None:
  """Fetches a named generator.

  Raises:
    UserError: a download that fails.
  """
  if source in NAMES:
    assets.fetch(source)


def check(source: str) -> None:
  """Looks at a SavedModel, with TensorFlow.

  Raises:
    UserError: as `check_place`; or it can't be read, or lacks the signatures.
  """
  check_place(source)
  if source not in NAMES:
    from components.shared.generators import generator

    generator.Generator(str(pathlib.Path(source).expanduser()))


def fingerprint(source: str) -> str:
  """SHA-256 (hex, first 16 digits) of a SavedModel's files or of the asset; of
  an address in an object store, which can't be looked into, the text's."""
  if source in NAMES:
    return assets.named(source).file_sha256[:16]
  if "://" in source:
    return hashlib.sha256(source.encode()).hexdigest()[:16]
  digest = hashlib.sha256()
  folder = pathlib.Path(source).expanduser()
  for path in sorted(p for p in folder.rglob("*") if p.is_file()):
    digest.update(f"{path.relative_to(folder)}\0".encode())
    digest.update(assets.sha256_of(path).encode())
  return digest.hexdigest()[:16]


def folder_uri(source: str) -> str:
  """The SavedModel's folder as an artifact's URI."""
  if "://" in source:
    return source
  return os.path.abspath(os.path.expanduser(source))
