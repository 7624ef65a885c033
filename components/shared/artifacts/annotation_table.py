"""What `AnnotationGen` writes, `annotations.csv`: what is known of each photo."""

import csv
import io
import os
from collections.abc import Sequence

import tensorflow as tf

from components.shared.data import annotations

_FILE = "annotations.csv"


def write(attributes: Sequence[str], values: dict[str, annotations.Values], uri: str) -> None:
  """Writes a value for each attribute, 1, 0 or None (unknown), by file name."""
  text = io.StringIO(newline="")
  writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
  writer.writerow([annotations.IMAGE_ID_COLUMN, *attributes])
  writer.writerows([image_id, *row] for image_id, row in values.items())
  with tf.io.gfile.GFile(os.path.join(uri, _FILE), "w") as file:
    file.write(text.getvalue())


def read(uri: str) -> annotations.Table:
  """The table that was written."""
  with tf.io.gfile.GFile(os.path.join(uri, _FILE)) as file:
    header, *rows = csv.reader(io.StringIO(file.read(), newline=""), strict=True)
  return annotations.Table(
    tuple(header[1:]),
    {row[0]: tuple(int(value) if value else None for value in row[1:]) for row in rows},
    {},
  )
