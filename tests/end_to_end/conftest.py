"""One small run that the tests of this folder share."""

import pathlib

import pytest

from tests.end_to_end import running


@pytest.fixture(scope="session")
def output(tmp_path_factory) -> pathlib.Path:
  """Where the runs of this session are."""
  return tmp_path_factory.mktemp("output")


@pytest.fixture(scope="session")
def first_run(output) -> running.Run:
  """The sample, run into an empty folder."""
  run = running.run_pipeline(output, "small", "sample")
  assert run.status == 0, run.errors
  return run
