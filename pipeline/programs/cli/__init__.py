"""The command line: `python -m pipeline <verb>`."""

import importlib
import importlib.util
import sys

import click

from components.shared.core import errors
from pipeline.programs.cli.group import USER_ERROR, cli

_MODULES: tuple[str, ...] = tuple(
  f"{__name__}.{name}" for name in ("running", "looking", "photos", "living", "machine")
)
"""Those that add their verbs to the group."""


def _add_verbs() -> None:
  """All that can be imported: who only labels or predicts has no YAML."""
  for name in _MODULES:
    try:
      importlib.import_module(name)
    except ModuleNotFoundError as error:
      cli.missing = errors.find_user_error(error)
      if cli.missing is None:
        raise


# Verbs for development, where this is a source tree. By name, because nothing that is
# installed may need what is not.
if importlib.util.find_spec("devtools") and importlib.util.find_spec("devtools.commands"):
  _MODULES = (*_MODULES, "devtools.commands")
_add_verbs()


def main() -> None:
  """What the entry point calls; a person's mistakes end in one line and exit status 2."""
  try:
    cli.main(prog_name="python -m pipeline", standalone_mode=False)
  except click.exceptions.Abort:
    click.echo("stopped; the same command resumes from here", err=True)
    sys.exit(130)
  except click.ClickException as error:
    error.show()
    sys.exit(USER_ERROR)
  except Exception as error:  # pylint: disable=broad-except
    user_error = errors.find_user_error(error)
    if isinstance(error, errors.RunFailed) and user_error is None:
      click.echo(f"error: {error}", err=True)
      sys.exit(1)
    if user_error is None:
      raise
    click.echo(f"error: {user_error}", err=True)
    sys.exit(USER_ERROR)
