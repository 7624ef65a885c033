"""What a machine lacks is told in a line that says what to do."""

import errno
import os

import pytest
import tensorflow as tf

from components.shared.core import errors


def _raised(cause):
  try:
    try:
      raise cause
    except type(cause) as error:
      raise RuntimeError("a component broke") from error
  except RuntimeError as error:
    return errors.find_user_error(error)


@pytest.mark.parametrize(
  "cause, said",
  [
    (
      OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/here/file"),
      "/here/file: the disk is full; make room",
    ),
    (OSError(errno.EROFS, os.strerror(errno.EROFS)), "read-only"),
    (
      tf.errors.ResourceExhaustedError(
        None, None, "{{node}}/job:cpu /here/part-0; No space left on device"
      ),
      "/here/part-0: the disk is full",
    ),
    (RuntimeError("INTERNAL: database or disk is full"), "the disk is full"),
    (MemoryError(), "memory ran out"),
    (
      tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[9]"),
      "memory ran out",
    ),
    (RuntimeError("Channel closed prematurely."), "worker process of Beam"),
    (
      RuntimeError(
        'File "lib/multiprocessing/connection.py", line 399, in '
        "_recv\n    raise EOFError\nRuntimeError: EOFError"
      ),
      "worker process of Beam",
    ),
    (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "ulimit -n"),
  ],
)
def test_what_the_machine_lacks(cause, said):
  told = str(_raised(cause))
  assert said in told and "give the same command again" in told
  assert "\n" not in told


def test_a_user_error_comes_first():
  try:
    try:
      raise OSError(errno.ENOSPC, "full")
    except OSError as error:
      raise errors.UserError("photo.jpg: is damaged") from error
  except errors.UserError as error:
    assert str(errors.find_user_error(error)) == "photo.jpg: is damaged"


def test_other_causes_are_nobody_s_fault():
  assert _raised(KeyError("label")) is None
  assert _raised(OSError(errno.ENOENT, "no such file", "/here")) is None
