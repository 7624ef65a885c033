"""The same settings and seeds give the same, whatever the number of workers."""

import pytest

from tests import beam_options
from tests.end_to_end import running
from tests.faults import runs

_IN_PROCESSES = ("FaceExampleGen", "RealFaceEmbedder", "SyntheticFaceGen", "SyntheticFaceEmbedder")


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers(few_photos, few_run, tmp_path, workers):
  """One is the run again; several are processes."""
  flags = beam_options.processes(workers) if workers > 1 else ()
  run = running.run_pipeline(
    tmp_path,
    few_run.folder.name,
    *few_photos,
    "--generator",
    "dcgan-digiface",
    *(
      part
      for component in _IN_PROCESSES
      for flag in flags
      for part in ("--beam", f"{component}:{flag}")
    ),
    settings=running.SMALLEST,
  )
  assert run.status == 0, run.errors
  runs.check_complete(run.folder, few_run.folder)


@pytest.mark.long
def test_a_trained_generator(few_photos, undisturbed, tmp_path):
  run = running.run_pipeline(tmp_path, undisturbed.folder.name, *few_photos, settings=runs.TRAINED)
  assert run.status == 0, run.errors
  runs.check_complete(run.folder, undisturbed.folder)
