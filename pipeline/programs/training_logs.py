"""Generator trainings in TensorBoard, under the names of their runs."""

import contextlib
import pathlib
import tempfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.shared.core import errors
from pipeline import console, finished_run, run_folder
from pipeline.programs.web import server as server_lib

if TYPE_CHECKING:
  from tensorboard import program

_COMPONENT, _OUTPUT = "VaeGanTrainer", "training_log"


def find(output: pathlib.Path, names: Sequence[str] = ()) -> dict[str, pathlib.Path]:
  """The logs of finished trainings, by name of the run.

  A run that trained no generator of its own, or of which ML Metadata can't be
  asked, is left out and said to be.

  Args:
    output: folder that holds the runs.
    names: of runs; all if there are none.

  Raises:
    UserError: there is no log, or none in a run that was named.
  """
  folders = [run_folder.RunFolder(output / name) for name in names] or finished_run.find(output)
  logs, reasons = {}, []
  for folder in folders:
    try:
      logs[folder.path.name] = _log(finished_run.open_run(folder))
    except errors.UserError as error:
      if names:
        raise
      reasons.append(str(error))
  for reason in reasons if logs else reasons[1:]:
    console.say(f"left out: {reason}")
  if not logs:
    raise errors.UserError(reasons[0])
  return logs


def _log(run: finished_run.FinishedRun) -> pathlib.Path:
  if run.config.imported_generator is not None:
    raise errors.UserError(
      f"{run.folder.path}: its generator came from elsewhere, so there is no training to look at"
    )
  return run.artifact(_COMPONENT, _OUTPUT)


@contextlib.contextmanager
def as_logdir(logs: dict[str, pathlib.Path]) -> Iterator[pathlib.Path]:
  """A folder for TensorBoard's --logdir while it is needed: links to logs.

  TensorBoard names a run by its path, and those of artifacts have numbers
  that change; `--logdir_spec` would stumble over commas and colons in paths.
  """
  with tempfile.TemporaryDirectory(prefix="training-logs-") as folder:
    for name, log in logs.items():
      (pathlib.Path(folder) / name).symlink_to(log.absolute())
    yield pathlib.Path(folder)


def server(logdir: pathlib.Path, port: int | None = None) -> "program.TensorBoard":
  """TensorBoard on this machine's loopback, not started yet.

  It looks at no request's Host by itself, so that a page from elsewhere whose
  name comes to mean this machine could read what it shows.

  Args:
    logdir: what it shows.
    port: None for 6006 or the next that is free.
  """
  from tensorboard import (
    default,  # Takes a second, and not to look.
    program,
  )

  tensorboard = program.TensorBoard(
    plugins=default.get_plugins(),
    server_class=lambda app, flags: program.create_port_scanning_werkzeug_server(
      server_lib.guarded(app), flags
    ),
  )
  tensorboard.configure(
    argv=[
      "tensorboard",
      "--logdir",
      str(logdir),
      "--host",
      server_lib.LOOPBACK,
      *([] if port is None else ["--port", str(port)]),
    ]
  )
  return tensorboard


def serve(output: pathlib.Path, names: Sequence[str], port: int | None) -> None:
  """Shows trainings until it is stopped.

  Raises:
    UserError: see `find`; or the port is taken.
  """
  logs = find(output, names)
  with as_logdir(logs) as logdir:
    console.say("Trainings of " + ", ".join(logs) + "; stop with Ctrl+C")
    with contextlib.suppress(KeyboardInterrupt):
      if server(logdir, port).main():
        raise errors.UserError("TensorBoard could not start; choose another --port")
