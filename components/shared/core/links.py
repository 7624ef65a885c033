"""Folders of models that hold the same files: kept once where the disk can.

A hard link takes no room. It is as good as a copy here, because an artifact's
files are written once and never changed: either folder may be deleted without
the other.
"""

import filecmp
import os
import shutil


def copy(source: str, target: str) -> None:
  """Copies a local folder, as links within one file system.

  Args:
    source: a folder.
    target: where to; what stood there is removed.

  Raises:
    OSError: it can't be read or written.
  """
  shutil.rmtree(target, ignore_errors=True)
  shutil.copytree(source, target, copy_function=_link_or_copy)


def copy_file(source: str, target: str) -> None:
  """Copies a file, as a link within one file system.

  Args:
    source: path or address of a file.
    target: likewise; what is there is replaced.
  """
  import tensorflow as tf  # Who only links local folders does without.

  if is_local(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    _link_or_copy(source, f"{target}.new")
    os.replace(f"{target}.new", target)
  else:
    tf.io.gfile.copy(source, target, overwrite=True)


def share(folder: str, other: str) -> None:
  """Makes files of a local folder links to those that are the same in another.

  Args:
    folder: whose files may be replaced by links.
    other: its files of the same place and name, if they hold the same bytes,
      are what is linked.
  """
  for inside, _, names in os.walk(folder):
    for name in names:
      mine = os.path.join(inside, name)
      theirs = os.path.join(other, os.path.relpath(mine, folder))
      if os.path.isfile(theirs) and filecmp.cmp(mine, theirs, shallow=False):
        _link_or_copy(theirs, f"{mine}.new")
        os.replace(f"{mine}.new", mine)


def is_local(*places: str) -> bool:
  """Whether these are paths, and no addresses of an object store."""
  return not any("://" in place for place in places)


def _link_or_copy(source: str, target: str) -> None:
  try:
    os.link(source, target)
  except OSError:  # Another file system, or one without hard links.
    shutil.copyfile(source, target)
