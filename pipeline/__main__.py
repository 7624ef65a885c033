"""`python -m pipeline`."""

import sys
from types import TracebackType

from pipeline import supervision

_FOR_LONG = ("run", "sweep")
"""Verbs that work for long, and hold much memory."""


def main() -> None:
  """What the command line is, in a process that is watched over where it is
  at work for long."""
  sys.excepthook = _said_shortly
  if next((word for word in sys.argv[1:] if not word.startswith("-")), None) in _FOR_LONG:
    supervision.begin()  # Before anything large is imported.
  from pipeline.programs import cli

  cli.main()


def _said_shortly(
  kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
  """Ctrl+C may come while libraries are imported, which nobody has to read about."""
  if not issubclass(kind, KeyboardInterrupt):
    sys.__excepthook__(kind, error, trace)
  elif not supervision.is_watched():
    print("stopped", file=sys.stderr)


if __name__ == "__main__":
  main()
