"""What a person sees while a pipeline runs: a line a component."""

import contextlib
import logging
import os
import re
import sys
import threading
import time
import types
from collections.abc import Iterator, Mapping, Sequence

from absl import logging as absl_logging

from components.shared.core import progress
from pipeline import component_words, memory, run_folder, supervision

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

  def __init__(self, components: Sequence[str], log: str, usual: Mapping[str, float]):
    """Begins to watch.

    Args:
      components: ids of those that will run.
      log: path of the file with all that was said.
      usual: seconds that components took in earlier runs, by id.
    """
    super().__init__(logging.INFO)
    self._log = log
    self._ahead = list(components)
    self._usual = usual
    self.peak_bytes: dict[str, int] = {}
    self.running: list[str] = []
    self.unresolved: dict[str, str] = {}
    self._total = len(components)
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
      say(
        f"[{self._number:2d}/{self._total}] {match[1]}{component_words.shown(match[1])}"
        f"{self._expected(match[1])} ..."
      )
      if match[1] in self._ahead:
        self._ahead.remove(match[1])
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

  def heartbeat(self) -> None:
    """Says what is at work, if nothing was said for a minute."""
    if self.running and progress.silent_for() >= progress.SECONDS:
      spent = time.monotonic() - self._started
      usual = self._usual.get(self.running[-1])
      left = "" if usual is None else f", {duration(max(0.0, usual - spent))} left"
      say(f"        {self.running[-1]}: {duration(spent)} so far{left}")

  def _expected(self, component: str) -> str:
    """How long a component and the rest of the run will take, if that is known."""
    if component not in self._usual:
      return ""
    left = sum(self._usual.get(name, 0.0) for name in self._ahead)
    return f" ({duration(self._usual[component])}; up to {duration(left)} for the rest of the run)"

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
  progress.line(text)


def duration(seconds: float) -> str:
  """Seconds for people."""
  return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


@contextlib.contextmanager
def logging_to(
  folder: run_folder.RunFolder,
  components: Sequence[str],
  usual: Mapping[str, float] = types.MappingProxyType({}),
) -> Iterator[Watch]:
  """Sends the libraries' log to the run's file and shows components instead.

  Args:
    folder: of the run.
    components: ids of those that will run.
    usual: seconds that components took in earlier runs, by id.

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
  watch = Watch(components, str(folder.log), usual)
  root.handlers[:] = [file, watch]
  root.setLevel(logging.INFO)
  logging.captureWarnings(True)
  kept_hook, threading.excepthook = threading.excepthook, _log_of_thread
  try:
    with _native_output_to(file.stream.fileno()), _heartbeat(watch):
      yield watch
  finally:
    threading.excepthook = kept_hook
    logging.captureWarnings(False)
    root.handlers[:] = kept_handlers
    tensorflow.handlers[:] = kept_tensorflow
    root.setLevel(kept_level)
    file.close()


@contextlib.contextmanager
def _heartbeat(watch: Watch) -> Iterator[None]:
  """A line a minute where there is no terminal to draw on."""
  over = threading.Event()

  def beat() -> None:
    while not over.wait(progress.SECONDS / 4):
      watch.heartbeat()

  thread = threading.Thread(target=beat, daemon=True)
  if not sys.stderr.isatty():
    thread.start()
  try:
    yield
  finally:
    over.set()
    if thread.is_alive():
      thread.join()


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
