"""What these tests share."""

import pytest

from tests.end_to_end import running
from tests.end_to_end.conftest import few_photos  # pylint: disable=unused-import
from tests.faults import runs

__all__ = ["few_photos"]


@pytest.fixture(scope="session")
def undisturbed(few_photos, tmp_path_factory) -> running.Run:
  """A run that nothing happened to, with a generator that was trained."""
  run = running.run_pipeline(
      tmp_path_factory.mktemp("undisturbed"), "undisturbed", *few_photos,
      settings=runs.TRAINED)
  assert run.status == 0, run.errors
  return run


@pytest.fixture(scope="session")
def few_run(few_photos, tmp_path_factory) -> running.Run:
  """A run that nothing happened to, with a generator from a package."""
  run = running.run_pipeline(
      tmp_path_factory.mktemp("few_run"), "few", *few_photos, "--generator",
      "dcgan-digiface", settings=running.SMALLEST)
  assert run.status == 0, run.errors
  return run
