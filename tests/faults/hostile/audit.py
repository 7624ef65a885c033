"""What a process does that reading a file has no business to do."""

import os
import pathlib
import sys
from typing import Any

_STARTS = (
  "subprocess.Popen",
  "os.system",
  "os.exec",
  "os.posix_spawn",
  "os.spawn",
  "os.fork",
  "os.forkpty",
  "os.startfile",
  "pty.spawn",
)
_NETWORK = (
  "socket.connect",
  "socket.bind",
  "socket.getaddrinfo",
  "socket.gethostbyname",
  "socket.sendto",
  "urllib.Request",
  "http.client.connect",
)
_UNPICKLES = ("pickle.find_class", "cpython.PyInterpreterState_New")
_LOADS_CODE = ("ctypes.dlopen", "code.__new__", "function.__new__")
_CHANGES = {
  "os.remove": 1,
  "os.rename": 2,
  "os.mkdir": 1,
  "os.rmdir": 1,
  "os.link": 2,
  "os.symlink": 2,
  "os.truncate": 1,
  "os.chmod": 1,
  "os.chown": 1,
  "os.utime": 1,
  "shutil.rmtree": 1,
  "os.setxattr": 1,
}
"""How many of an event's arguments are paths."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_IMPORTS = ("importlib", "zipimport")
_MAKERS = (
  "dataclasses.py",
  "collections/__init__.py",
  "typing.py",
  "namedtuple",
  "/pydantic/",
  "/jinja2/",
  "/werkzeug/",
  "/numpy/",
  "/tensorflow/",
  "attr/",
)
"""Whose code is made of texts that are their own."""


class Watch:
  """Writes down what happens while a folder is set; for one thread.

  Attributes:
    events: what should not have happened.
  """

  def __init__(self):
    self.events: list[str] = []
    self._folder: str | None = None
    self._before: set[str] = set()
    sys.addaudithook(self._hook)

  def begin(self, folder: pathlib.Path) -> None:
    """From now on only this folder may be written to."""
    self.events = []
    self._folder = os.path.realpath(folder)

  def end(self) -> list[str]:
    """What happened, each once."""
    self._folder = None
    return sorted(set(self.events))

  def _hook(self, event: str, args: tuple) -> None:
    if self._folder is None:
      return
    folder, self._folder = self._folder, None  # What the hook does is its own.
    try:
      told = self._judge(event, args, folder)
      if told:
        self.events.append(told)
    finally:
      self._folder = folder

  def _judge(self, event: str, args: tuple, folder: str) -> str | None:
    if event in (*_STARTS, *_NETWORK, *_UNPICKLES):
      return f"{event}{args!r}"[:200]
    if event == "open":
      path, _, flags = args
      if isinstance(flags, int) and flags & _WRITES and not _inside(path, folder):
        return f"opens {path!r} for writing"
    elif event in _CHANGES:
      for path in args[: _CHANGES[event]]:
        if not _inside(path, folder):
          return f"{event} of {path!r}"
    elif event in ("marshal.loads", "marshal.load", "exec", *_LOADS_CODE):
      if not _by_import_or_maker(event, args):
        return f"{event}{args!r}"[:200]
    return None


def _inside(path: Any, folder: str) -> bool:
  if isinstance(path, int):  # Of a file that was opened before.
    return True
  path = os.fsdecode(path)
  if not os.path.isabs(path):
    path = os.path.join(folder, path)  # Beneath a descriptor, as rmtree has it.
  path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
  return path == folder or path.startswith(folder + os.sep) or (path == os.devnull)


def _by_import_or_maker(event: str, args: tuple) -> bool:
  """Whether code comes from a module's file, or from a maker of classes."""
  if event == "exec" and os.path.isfile(args[0].co_filename):
    return True
  frame = sys._getframe(3)  # pylint: disable=protected-access
  while frame is not None:
    name = frame.f_code.co_filename
    if any(part in name for part in (*_IMPORTS, *_MAKERS)):
      return True
    frame = frame.f_back
  return False
