"""Which device a process puts a model on, where several processes have one."""

import fcntl
import io
import itertools
import os
import pathlib
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager

import tensorflow as tf


def devices() -> tuple[str, ...]:
  """Those to put models on: every GPU that may be used, else the CPU."""
  count = len(tf.config.get_visible_devices("GPU"))
  return tuple(f"GPU:{index}" for index in range(count)) or ("CPU:0",)


class Place:
  """A model's device; taken until nobody holds this object any more.

  Attributes:
    device: its name.
  """

  def __init__(self, device: str, lock: io.IOBase | None = None):
    self.device = device
    self._lock = lock  # The system drops it with the file, or the process.

  def scope(self) -> AbstractContextManager[None]:
    """What is loaded or run in it is on the device."""
    return tf.device(self.device)


def claim(among: Sequence[str] = ()) -> Place:
  """The device that holds fewest models, of this user on this machine.

  Each model locks a file, the first on a device its file 0, the next file 1
  and so on: processes that know nothing of each other, such as Beam's, spread
  over the devices. A GPU's memory is not taken as a whole, if this is the
  process's first use of it.

  Args:
    among: names of devices; none: `devices()`.
  """
  os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
  names = tuple(among) or devices()
  if len(names) == 1:
    return Place(names[0])
  folder = pathlib.Path(tempfile.gettempdir(), f"latent-labels-{os.getuid()}")
  folder.mkdir(mode=0o700, exist_ok=True)
  return next(
    Place(name, lock)
    for turn in itertools.count()
    for name in names
    if (lock := _lock(folder / f"{_identity(name)}-{turn}.lock"))
  )


def _lock(path: pathlib.Path) -> io.IOBase | None:
  """The locked file, or None where another holds it."""
  file = path.open("a")
  try:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
  except BlockingIOError:
    file.close()
    return None
  return file


def _identity(device: str) -> str:
  """A device's name for all processes, whichever of the GPUs each may see."""
  kind, _, index = device.partition(":")
  visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
  if kind == "GPU" and int(index) < len(visible) and visible[int(index)]:
    index = visible[int(index)].strip()
  return f"{kind}-{index}".replace("/", "-")
