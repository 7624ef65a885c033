"""A folder that stands for object stores in a rehearsal."""

import os
import pathlib
import shutil

from components.shared.core import errors


class ObjectStore:
  """Addresses, and the folders and files that are kept under them."""

  def __init__(self, folder: pathlib.Path):
    """Opens or makes a store.

    Args:
      folder: where it keeps everything.

    Raises:
      UserError: nothing can be written there.
    """
    self._folder = folder
    try:
      folder.mkdir(parents=True, exist_ok=True)
      probe = folder / ".probe"
      probe.write_bytes(b"")
      probe.unlink()
    except OSError as error:
      raise errors.UserError(
        f"{folder}: can't be written ({error.strerror}); choose another folder with --folder"
      ) from None

  def path(self, uri: str) -> pathlib.Path:
    """Where an address's content is.

    Raises:
      UserError: it is no address, or leads out of the store.
    """
    scheme, found, rest = uri.partition("://")
    parts = pathlib.PurePosixPath(rest).parts
    if not found or not parts or ".." in parts or rest.startswith("/"):
      raise errors.UserError(f"{uri}: not an address in an object store")
    return self._folder.joinpath(scheme, *parts)

  def get(self, uri: str, target: pathlib.Path) -> None:
    """Copies what is under an address, as a launcher does before a step.

    Raises:
      UserError: there is nothing.
    """
    source = self.path(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
      shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
      shutil.copyfile(source, target)
    else:
      raise errors.UserError(f"{uri}: nothing is there; for a rehearsal, put it at {source}")

  def put(self, source: pathlib.Path, uri: str) -> bool:
    """Copies a step's output under its address, whole or not at all.

    Returns:
      False if there is nothing to copy: stores know no empty folders.
    """
    if not any(path.is_file() for path in (source, *source.rglob("*"))):
      return False
    target = self.path(uri)
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
      shutil.copytree(source, fresh)
    else:
      shutil.copyfile(source, fresh)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(fresh, target)
    return True
