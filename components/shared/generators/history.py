"""What happened in training: scalars of each epoch, and pictures of some."""

import json
import os
from typing import Any

import tensorflow as tf

Scalars = dict[str, float]
History = list[Scalars]
_FILE = "history.json"
_HEALTH_FILE = "health.json"


class Log:
  """Writes TensorBoard events and `history.json` into one folder.

  Args:
    folder: where to; made if it is not there.
  """

  def __init__(self, folder: str):
    self._folder = folder
    self._writer = tf.summary.create_file_writer(folder)

  def scalars(self, history: History) -> None:
    """Writes the newest epoch of a history, and the history."""
    with self._writer.as_default(step=len(history)):
      for name, value in history[-1].items():
        tf.summary.scalar(name, value)
    self._writer.flush()
    write(self._folder, history)

  def kl_by_dimension(self, nats, epoch: int) -> None:
    """Histogram of the divergence of each latent dimension, [z] nats."""
    with self._writer.as_default(step=epoch):
      tf.summary.histogram("kl_by_dimension", nats)

  def health(self, alarms: list[dict[str, Any]], nats) -> None:
    """Writes `health.json`.

    Args:
      alarms: of `health.states`.
      nats: [z], divergence of each latent dimension in the last epoch.
    """
    _write_json(
      os.path.join(self._folder, _HEALTH_FILE),
      {"alarms": alarms, "kl_by_dimension": [float(value) for value in nats]},
    )
    with self._writer.as_default(step=0):
      tf.summary.text(
        "alarms",
        [
          f"{row['alarm']}: {row['value']:.3g}, bound {row['bound']:.3g}, "
          f"epochs {row['epochs'] or 'none'}"
          for row in alarms
        ],
      )
    self._writer.flush()

  def grid(self, name: str, rows, epoch: int) -> None:
    """Writes images [rows, columns, s, s, 3] in [0, 1] as one picture."""
    with self._writer.as_default(step=epoch):
      tf.summary.image(name, tile(rows)[tf.newaxis])
    self._writer.flush()

  def close(self) -> None:
    self._writer.close()


def tile(rows: tf.Tensor) -> tf.Tensor:
  """One image [rows * s, columns * s, 3] of [rows, columns, s, s, 3]."""
  height, width, side = rows.shape[0], rows.shape[1], rows.shape[2]
  return tf.reshape(tf.transpose(rows, [0, 2, 1, 3, 4]), [height * side, width * side, 3])


def write(folder: str, history: History) -> None:
  """Writes `history.json`: a list with the scalars of each epoch."""
  tf.io.gfile.makedirs(folder)
  _write_json(os.path.join(folder, _FILE), history)


def _write_json(path: str, content: Any) -> None:
  with tf.io.gfile.GFile(path + ".new", "w") as file:
    json.dump(content, file, indent=1)
  tf.io.gfile.rename(path + ".new", path, overwrite=True)


def read(folder: str) -> History:
  """The history in a folder, empty where there is none."""
  path = os.path.join(folder, _FILE)
  if not tf.io.gfile.exists(path):
    return []
  with tf.io.gfile.GFile(path) as file:
    return json.load(file)


def read_health(folder: str) -> dict[str, Any]:
  """What `Log.health` wrote: `alarms` and `kl_by_dimension`."""
  with tf.io.gfile.GFile(os.path.join(folder, _HEALTH_FILE)) as file:
    return json.load(file)
