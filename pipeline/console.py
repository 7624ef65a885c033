"""What a person sees while a pipeline runs: a line a component."""

import contextlib
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Iterator

from absl import logging as absl_logging

from pipeline import memory, run_folder, supervision

# TFX's two local runners announce the components only in the log.
_STARTED = re.compile(r"(?:Component|node) (\S+) is running\.")
_FINISHED = re.compile(r"(?:Component|node) (\S+) is finished\.")
_CACHED = re.compile(r"A cached execution \d+ is used\.")
_UNRESOLVED = re.compile(r"\[(\S+)\] (?:Input|Dynamic exec property) resolution error: (.*)")


class Watch(logging.Handler):
  """Turns the runner's log records into lines on standard error.

  Attributes:
    peak_bytes: the process's largest resident set while a component ran, by
      component. Of components that overlap each has what both needed.
    running: components that were started and not finished, in that order.
    unresolved: why components did not find their inputs, by component; TFX
      notes it, and continues.
  """

  def __init__(self, total: int, log: str):
    super().__init__(logging.INFO)
    self._log = log
    self.peak_bytes: dict[str, int] = {}
    self.running: list[str] = []
    self.unresolved: dict[str, str] = {}
    self._total = total
    self._number = 0
    self._started = 0.0
    self._cached = False

  def emit(self, record: logging.LogRecord) -> None:
    message = record.getMessage()
    if match := _UNRESOLVED.match(message):
      self.unresolved[match[1]] = match[2]
    elif _CACHED.search(message):
      self._cached = True
    elif match := _STARTED.match(message):
      self._number += 1
      self._started, self._cached = time.monotonic(), False
      self.running.append(match[1])
      supervision.tell(self.running, self._log)
      memory.forget_peak()
      say(f"[{self._number:2d}/{self._total}] {match[1]} ...")
    elif match := _FINISHED.match(message):
      self._finished(match[1])
      seconds = time.monotonic() - self._started
      say(
        "        found no inputs"
        if match[1] in self.unresolved
        else "        unchanged, taken from the cache"
        if self._cached
        else f"        done in {seconds:.0f} s"
      )

  def _finished(self, component: str) -> None:
    if component in self.running:
      self.running.remove(component)
      supervision.tell(self.running, self._log)
    peak = memory.peak_bytes()
    if not (peak is None or self._cached or component in self.unresolved):
      self.peak_bytes[component] = peak


class _LogFile(logging.FileHandler):
  """A log that a full disk cuts short, and that says nothing about it on the
  terminal: what else can't be written will."""

  def handleError(self, record: logging.LogRecord) -> None:
    del record


def say(text: str) -> None:
  """A line for the person at the terminal."""
  print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def logging_to(folder: run_folder.RunFolder, components: int) -> Iterator[Watch]:
  """Sends the libraries' log to the run's file and shows components instead.

  Args:
    folder: of the run.
    components: how many there are.

  Yields:
    What is seen of the components.
  """
  root = logging.getLogger()
  kept_handlers, kept_level = root.handlers[:], root.level
  file = _LogFile(folder.log, mode="w", encoding="utf-8")
  file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
  # TensorFlow's logger has an outlet of its own, past the root's.
  tensorflow = logging.getLogger("tensorflow")
  kept_tensorflow, tensorflow.propagate = tensorflow.handlers[:], True
  tensorflow.handlers.clear()
  absl_logging.set_verbosity(absl_logging.INFO)
  watch = Watch(components, str(folder.log))
  root.handlers[:] = [file, watch]
  root.setLevel(logging.INFO)
  logging.captureWarnings(True)
  kept_hook, threading.excepthook = threading.excepthook, _log_of_thread
  try:
    with _native_output_to(file.stream.fileno()):
      yield watch
  finally:
    threading.excepthook = kept_hook
    logging.captureWarnings(False)
    root.handlers[:] = kept_handlers
    tensorflow.handlers[:] = kept_tensorflow
    root.setLevel(kept_level)
    file.close()


def _log_of_thread(raised: threading.ExceptHookArgs) -> None:
  """What ends a thread of a library; what follows from it is said elsewhere."""
  logging.error("A thread ended.", exc_info=raised[:3])


@contextlib.contextmanager
def _native_output_to(log: int) -> Iterator[None]:
  """Sends what C++ writes to standard error into the log.

  TensorFlow's C++ side knows nothing of Python's logging and writes to file
  descriptor 2. That becomes the log, and `sys.stderr` what 2 was before.
  """
  kept = sys.stderr
  kept.flush()
  terminal = os.dup(2)
  os.dup2(log, 2)
  sys.stderr = os.fdopen(os.dup(terminal), "w", buffering=1)
  try:
    yield
  finally:
    sys.stderr.close()
    sys.stderr = kept
    os.dup2(terminal, 2)
    os.close(terminal)
