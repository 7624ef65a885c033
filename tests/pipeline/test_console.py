"""What is shown and what is logged."""

import logging
import os
import re
import time

import numpy as np
import pytest

from components.shared.core import progress
from pipeline import component_words, console, dag, experiments, places, run_folder


@pytest.fixture
def folder(tmp_path):
  return run_folder.RunFolder(tmp_path)


def test_components_are_shown_and_the_rest_is_logged(folder, capfd):
  with console.logging_to(folder, ["One", "Two"]):
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


def test_says_what_a_component_does_and_how_long_the_rest_takes(folder, capfd):
  usual = {"Trainer": 30.0, "Evaluator": 150.0}
  with console.logging_to(folder, ["Trainer", "Evaluator"], usual):
    for component in usual:
      logging.info("Component %s is running.", component)
      logging.info("Component %s is finished.", component)
  shown = capfd.readouterr().err
  assert "Trainer: trains the classifier (30 s; up to 3 min for the rest of the run) ..." in shown
  assert "Evaluator: judges the classifier" in shown
  assert "(2 min; up to 2 min for the rest of the run)" in shown


def test_a_line_a_minute_where_there_is_no_terminal(folder, capfd, monkeypatch):
  monkeypatch.setattr(progress, "SECONDS", 0.2)
  with console.logging_to(folder, ["Trainer"], {"Trainer": 120.0}):
    logging.info("Component Trainer is running.")
    time.sleep(0.6)
    with progress.bar("steps", 10, "step") as bar:
      for _ in range(10):
        bar.update()
        time.sleep(0.1)
    logging.info("Component Trainer is finished.")
  shown = capfd.readouterr().err
  assert re.search(r"Trainer: \d s so far, 2 min left\n", shown)
  assert re.search(r"steps: \d of 10 step, 00:0\d so far, 00:0\d left\n", shown)
  assert "\r" not in shown and "\x1b" not in shown
  assert shown.count("steps") < 10


def test_every_component_of_the_sample_is_described():
  config = experiments.load("sample")
  folder = places.Places(pipeline_name="sample", root="", pushed="", checkpoints="")
  pipeline = dag.create_pipeline(config, folder, dag.Inputs("", "", ()))
  assert not [c.id for c in pipeline.components if not component_words.shown(c.id)]


def test_everything_is_put_back(folder, capfd):
  before = logging.getLogger().handlers[:]
  with pytest.raises(RuntimeError), console.logging_to(folder, ["One"]):
    raise RuntimeError
  assert logging.getLogger().handlers == before
  os.write(2, b"to the terminal again\n")
  assert "to the terminal again" in capfd.readouterr().err


def test_memory_is_measured_by_component(folder):
  with console.logging_to(folder, ["Large", "Small", "Broken"]) as watch:
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
  with console.logging_to(folder, ["One"]) as watch:
    logging.info("Component One is running.")
    logging.info("A cached execution 7 is used.")
    logging.info("Component One is finished.")
  assert not watch.peak_bytes and not watch.running
