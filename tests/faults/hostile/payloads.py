"""What would leave a trace if someone ran it."""

import marshal
import os
import pickle
import types

TRACE = "EXECUTED"
"""A file of this name in the working folder says that something was run."""
COMMAND = f"touch {TRACE}"


class _Runs:
  def __reduce__(self):
    return os.system, (COMMAND,)


def pickled(protocol: int = 2) -> bytes:
  """A pickle that runs a command."""
  return pickle.dumps({"weights": _Runs()}, protocol)


def marshalled() -> bytes:
  """A function's code, as Keras 2 keeps that of a Lambda layer."""
  code = compile(f"open({TRACE!r}, 'w').close()", "<payload>", "exec")
  assert isinstance(code, types.CodeType)
  return marshal.dumps(code)
