"""Small disks, in memory, for runs to write to; only root can have them."""

import contextlib
import os
import pathlib
import subprocess
from collections.abc import Iterator

import pytest

_PAGE = 4096


def needs_mounts() -> None:
  """Skips a test where nothing can be mounted."""
  if (
    os.geteuid()
    or subprocess.run(
      ["unshare", "--mount", "--propagation", "unchanged", "true"], check=False, capture_output=True
    ).returncode
  ):
    pytest.skip("only root, where mounts are allowed, can have small disks")


@contextlib.contextmanager
def mounted(folder: pathlib.Path, size: int = _PAGE, options: str = "rw") -> Iterator[None]:
  """A disk of so many bytes in a folder's place; what it held is gone at the
  end.

  Args:
    folder: made if it is not there.
    size: in bytes; less than a page leaves no room at all.
    options: of `mount`.
  """
  folder.mkdir(parents=True, exist_ok=True)
  _do("mount", "-t", "tmpfs", "-o", f"size={max(size, _PAGE)},{options}", "tmpfs", str(folder))
  try:
    if size < _PAGE and "ro" not in options.split(","):
      (folder / "filler").write_bytes(bytes(_PAGE))
    yield
  finally:
    _do("umount", "--lazy", str(folder))


def resize(folder: pathlib.Path, size: int) -> None:
  """Makes a disk larger."""
  _do("mount", "-o", f"remount,size={size}", str(folder))


def _do(*command: str) -> None:
  subprocess.run(command, check=True)
