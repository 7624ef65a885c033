"""`runtime.devices`: which GPUs a run may use, and a line that says so.

Components find the devices themselves, so that the choice is in no cache key
and a component in a container of its own uses what it finds there. Here the
other GPUs are hidden, from this process and from those that it starts.
"""

import os

from components.shared.core import errors, hardware

_VISIBLE = "CUDA_VISIBLE_DEVICES"


def check(wanted: int | str) -> None:
  """What can be told without TensorFlow, which takes seconds to import.

  Raises:
    UserError: GPUs are asked for, and no driver for any is loaded.
  """
  if not hardware.may_have_gpus():
    how_many(wanted, 0)


def choose(wanted: int | str) -> str:
  """Leaves TensorFlow the GPUs that are wanted, before it computes anything.

  Args:
    wanted: `auto`, all there are; `cpu`, none; or how many.

  Returns:
    A line that says what there is and what is used.

  Raises:
    UserError: there aren't as many.
  """
  import tensorflow as tf

  found = tf.config.list_physical_devices("GPU")
  count = how_many(wanted, len(found))
  if count < len(found):
    tf.config.set_visible_devices(found[:count], "GPU")
    os.environ[_VISIBLE] = visible(count, os.environ.get(_VISIBLE))
  names = [
    tf.config.experimental.get_device_details(gpu).get("device_name", "of unknown make")
    for gpu in found[:count]
  ]
  return f"Devices: {describe(names, len(found))}"


def how_many(wanted: int | str, there: int) -> int:
  """How many of the GPUs that are there will be used.

  Raises:
    UserError: more are wanted.
  """
  if wanted == "auto":
    return there
  if wanted == "cpu":
    return 0
  wanted = int(wanted)
  if wanted > there:
    raise errors.UserError(
      f"runtime.devices (--devices) asks for {_gpus(wanted)}, and there "
      f"{'is' if there == 1 else 'are'} {there or 'none'}{_why_none(there)}; "
      f"give --devices {there or 'cpu'}, or auto"
    )
  return wanted


def visible(count: int, before: None | str) -> str:
  """A value of CUDA_VISIBLE_DEVICES that leaves the first so many.

  Args:
    count: how many.
    before: its value so far; None or empty: all are visible.
  """
  names = before.split(",") if before else map(str, range(count))
  return ",".join(list(names)[:count]) or "-1"


def describe(names: list[str], there: int) -> str:
  """The devices in words.

  Args:
    names: of the GPUs that are used.
    there: how many there are.
  """
  threads = hardware.threads()
  cores = f"{threads} CPU core{'s' if threads > 1 else ''}"
  if not there:
    return f"no GPU{_why_none(there)}, {cores}"
  if not names:
    return f"{cores}; {_gpus(there)} left alone"
  count = _gpus(there) if len(names) == there else f"{len(names)} of {_gpus(there)}"
  import tensorflow as tf

  built = tf.sysconfig.get_build_info()
  libraries = "".join(
    f", {title} {built[key]}"
    for title, key in (("CUDA", "cuda_version"), ("cuDNN", "cudnn_version"))
    if built.get(key)
  )
  return f"{count} ({', '.join(dict.fromkeys(names))}){libraries}"


def _gpus(count: int) -> str:
  return f"{count} GPU{'s' if count != 1 else ''}"


def _why_none(there: int) -> str:
  """A driver without GPUs: most often TensorFlow lacks CUDA's libraries."""
  if there or not hardware.has_nvidia_driver() or os.environ.get(_VISIBLE):
    return ""
  import tensorflow as tf

  return (
    " that TensorFlow can use (NVIDIA's driver is here; the libraries "
    f"come with pip install tensorflow[and-cuda]=={tf.__version__})"
  )
