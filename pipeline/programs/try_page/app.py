"""From the command line to the page: what is quick to say comes first."""

import pathlib
from collections.abc import Callable

import flask

from components.shared.core import errors
from pipeline import run_folder
from pipeline.programs.web import server as server_lib

MAX_PHOTO_BYTES = 30 * 2**20
_PAGE = pathlib.Path(__file__).parent / "page"


def serve(
  folder: run_folder.RunFolder, port: int, say: Callable[[str], None], open_browser: bool
) -> None:
  """Shows the page until it is interrupted.

  Args:
    folder: of the run.
    port: 0 takes any that is free.
    say: prints a line.
    open_browser: whether to open the page there.

  Raises:
    UserError: no run, nothing of it that can be tried, or the port is in use.
  """
  if not folder.config.is_file():
    raise errors.UserError(
      f"{folder.path}: no run is here; `python -m pipeline run` makes one, "
      "--name and --output say which one is meant"
    )
  app = application()
  server = server_lib.Server(app, port=port)
  say(f"Loading the run in {folder.path} ...")
  # TensorFlow and TFX take seconds to import.
  from pipeline.programs.try_page import inputs, routes

  parts = inputs.load(folder)
  for note in parts.notes:
    say(note)
  routes.add(app, parts)
  server_lib.show(server, say, open_browser)


def application() -> flask.Flask:
  """An application with nothing but the page's own files."""
  return server_lib.application(_PAGE, max_request_bytes=MAX_PHOTO_BYTES)
