"""What these tests share."""

import pytest

from tests.end_to_end import running
from tests.faults import runs


@pytest.fixture(scope="session")
def undisturbed(few_photos, tmp_path_factory) -> running.Run:
  """A run that nothing happened to, with a generator that was trained."""
  run = running.run_pipeline(
    tmp_path_factory.mktemp("undisturbed"), "undisturbed", *few_photos, settings=runs.TRAINED
  )
  assert run.status == 0, run.errors
  return run
