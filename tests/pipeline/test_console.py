"""What is shown and what is logged."""

import logging
import os

import numpy as np
import pytest

from pipeline import console, run_folder


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
  with pytest.raises(RuntimeError), console.logging_to(folder, 1):
    raise RuntimeError
  assert logging.getLogger().handlers == before
  os.write(2, b"to the terminal again\n")
  assert "to the terminal again" in capfd.readouterr().err


def test_memory_is_measured_by_component(folder):
  with console.logging_to(folder, 3) as watch:
    logging.info("Component Large is running.")
    block = np.ones(2**27, np.uint8)
    logging.info("Component Large is finished.")
    del block
    logging.info("Component Small is running.")
    logging.info("Component Small is finished.")
    logging.info("Component Broken is running.")
  assert list(watch.peak_bytes) == ["Large", "Small"]
  assert watch.peak_bytes["Large"] > watch.peak_bytes["Small"] + 2**26
  assert watch.running == ["Broken"]


def test_what_came_from_the_cache_needed_none(folder):
  with console.logging_to(folder, 1) as watch:
    logging.info("Component One is running.")
    logging.info("A cached execution 7 is used.")
    logging.info("Component One is finished.")
  assert not watch.peak_bytes and not watch.running
