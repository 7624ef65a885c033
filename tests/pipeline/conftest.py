"""The command line, as a person would use it, in this process."""

import sys

import pytest

from pipeline import cli


@pytest.fixture
def invoke(monkeypatch, capsys):
  """Runs a command line; gives exit status, standard output and error."""
  def call(*arguments):
    monkeypatch.setattr(sys, "argv", ["pipeline", *map(str, arguments)])
    status = 0
    try:
      cli.main()
    except SystemExit as error:
      status = error.code or 0
    printed = capsys.readouterr()
    return status, printed.out, printed.err
  monkeypatch.setenv("COLUMNS", "200")
  return call
