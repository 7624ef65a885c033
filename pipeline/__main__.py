"""`python -m pipeline`."""

import sys

from pipeline import supervision

_FOR_LONG = ("run", "sweep")
"""Verbs that work for long, and hold much memory."""


def main() -> None:
  """What the command line is, in a process that is watched over where it is
  at work for long."""
  if next((word for word in sys.argv[1:] if not word.startswith("-")), None) in _FOR_LONG:
    supervision.begin()  # Before anything large is imported.
  from pipeline.programs import cli

  cli.main()


if __name__ == "__main__":
  main()
