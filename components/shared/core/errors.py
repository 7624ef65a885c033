"""Errors that a person can act on."""

import errno
import re
from collections.abc import Iterator

# Beam adds the name of the step, over and over.
_WHERE = re.compile(r"\s*\[while running '.*", re.DOTALL)

_OWN = ("components", "devtools", "pipeline", "schema")
_EXTRAS = {"onnxruntime": "predict"}
"""By package: what it is installed with; all others with the whole pipeline."""
_GO_ON = "give the same command again: it resumes from what was finished"
_MACHINE: tuple[tuple[tuple[int, ...], str, str], ...] = (
  (
    (errno.ENOSPC, errno.EDQUOT),
    "No space left on device|[Dd]isk quota exceeded|disk is full|disk full",
    f"the disk is full; make room, and {_GO_ON}",
  ),
  (
    (errno.EROFS,),
    "Read-only file system|readonly database",
    f"the folder can't be written to any more, it is read-only; fix that, and {_GO_ON}",
  ),
  (
    (errno.ENOMEM,),
    "Cannot allocate memory|bad_alloc|OOM when allocating",
    "memory ran out; close other programs, or make batches smaller (`python "
    f"-m pipeline config` lists the settings), and {_GO_ON}",
  ),
  (
    (),
    "Channel closed prematurely|Worker subprocess exited|"
    r"multiprocessing/connection\.py(?s:.*)"
    "(EOFError|Connection[A-Za-z]+Error|BrokenPipeError)",
    f"a worker process of Beam died, perhaps because memory ran out; {_GO_ON}",
  ),
  (
    (errno.EMFILE, errno.ENFILE),
    "Too many open files",
    f"too many files are open; raise the limit (ulimit -n), and {_GO_ON}",
  ),
  (
    (errno.EIO,),
    "Input/output error",
    f"the disk can't be read or written any more (input/output error); fix that, and {_GO_ON}",
  ),
)
"""What a machine may lack: error numbers, what libraries say that hide them,
and what to do. SQLite's words are among them."""


class UserError(Exception):
  """Something outside the program is wrong and its user can put it right.

  The message is one line that says what happened, names the file or setting,
  and says what to do. The command line prints it without a traceback and
  exits with status 2.
  """


class RunFailed(Exception):
  """A component broke in a way that nobody foresaw; the log has the whole
  story."""


def shown(text: str, most: int = 80) -> str:
  """A text that is not ours within a message: one line, and not endless."""
  cut = text if len(text) <= most else f"{text[:most]}..."
  return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut)


def find_user_error(error: BaseException) -> UserError | None:
  """The first `UserError` among an exception and what caused it, or else what
  is missing: a Python package, room on a disk, memory.

  From Beam's workers in other processes an exception comes as the text of its
  traceback.
  """
  for link in _chain(error):
    if isinstance(link, UserError):
      return UserError(_WHERE.sub("", str(link)))
    told = re.search(rf"^{__name__}\.UserError: (.+)$", str(link), re.MULTILINE)
    if told:
      return UserError(_WHERE.sub("", told[1]))
  if isinstance(error, ModuleNotFoundError) and error.name:
    package = error.name.partition(".")[0]
    if package not in _OWN:
      return UserError(
        f"this needs the Python package {package}, which is not installed; in the project's "
        f'folder, pip install ".[{_EXTRAS.get(package, "pipeline")}]" brings all that it takes'
      )
  for link in _chain(error):
    lacking = _what_the_machine_lacks(link)
    if lacking:
      return UserError(lacking)
  return None


def _what_the_machine_lacks(error: BaseException) -> str | None:
  """What to do about a full disk and its like; None if it is not that."""
  number = getattr(error, "errno", None)
  if isinstance(error, MemoryError):
    number = errno.ENOMEM
  for numbers, words, advice in _MACHINE:
    if number in numbers or re.search(words, str(error)):
      path = getattr(error, "filename", None) or _path_in(str(error))
      return f"{path}: {advice}" if path else advice
  return None


def _path_in(text: str) -> str | None:
  """TensorFlow says the file first, and then, after a semicolon, why."""
  found = re.search(r"(/[^\s;]+); ", text)
  return found[1] if found else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
  seen = set()
  while error is not None and id(error) not in seen:
    seen.add(id(error))
    yield error
    error = error.__cause__ or error.__context__
