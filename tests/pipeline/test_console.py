"""What is shown and what is logged."""

import logging
import os

import pytest

from pipeline import console
from pipeline import run_folder


@pytest.fixture
def folder(tmp_path):
  return run_folder.RunFolder(tmp_path)


def test_components_are_shown_and_the_rest_is_logged(folder, capfd):
  with console.logging_to(folder, 2):
    logging.info("Component One is running.")
    logging.info("A detail.")
    logging.info("A cached execution 7 is used.")
    logging.info("Component One is finished.")
    logging.info("node Two is running.")
    os.write(2, b"from C++\n")
    logging.info("node Two is finished.")
  shown = capfd.readouterr().err
  assert "[ 1/2] One ..." in shown and "[ 2/2] Two ..." in shown
  assert shown.count("taken from the cache") == 1
  assert "done in 0 s" in shown
  assert "A detail." not in shown and "from C++" not in shown
  log = folder.log.read_text()
  assert "A detail." in log and "from C++" in log


def test_everything_is_put_back(folder, capfd):
  before = logging.getLogger().handlers[:]
  with pytest.raises(RuntimeError):
    with console.logging_to(folder, 1):
      raise RuntimeError
  assert logging.getLogger().handlers == before
  os.write(2, b"to the terminal again\n")
  assert "to the terminal again" in capfd.readouterr().err
