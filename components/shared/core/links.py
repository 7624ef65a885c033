"""Files that are there once, though they lie in several folders.

Artifacts are never changed in place, so that a second one that holds the same
file can share it. A hard link outlives the folder that it was made from.
"""

import os

import tensorflow as tf


def copy(source: str, destination: str) -> None:
  """A file once more, by a hard link where the disk has them.

  Args:
    source: path or address of a file.
    destination: where it is wanted; what is there is replaced.
  """
  tf.io.gfile.makedirs(os.path.dirname(destination))
  if tf.io.gfile.exists(destination):
    tf.io.gfile.remove(destination)
  try:
    os.link(source, destination)
  except OSError:  # An object store, another disk, or one without links.
    tf.io.gfile.copy(source, destination)


def copy_folder(source: str, destination: str) -> None:
  """All files of a folder once more."""
  for inside, _, names in tf.io.gfile.walk(source):
    for name in names:
      path = os.path.join(inside, name)
      copy(path, os.path.join(destination, os.path.relpath(path, source)))
