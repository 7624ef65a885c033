"""Small text files of artifacts, wherever these are."""


def read(path: str) -> str:
  """A file's text, UTF-8.

  Args:
    path: a file of this machine, or its address in an object store.

  Raises:
    OSError: it can't be read; of an object store, `tf.errors.OpError`.
  """
  with _opened(path, "r") as file:
    return file.read()


def write(path: str, text: str) -> None:
  """Writes a file, UTF-8; raises as `read` does."""
  with _opened(path, "w") as file:
    file.write(text)


def _opened(path: str, mode: str):
  if "://" not in path:
    return open(path, mode, encoding="utf-8")
  import tensorflow as tf  # Takes seconds to import, and knows the stores.

  return tf.io.gfile.GFile(path, mode)
