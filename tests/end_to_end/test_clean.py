"""What nothing needs any more can go, and the run is none the worse for it."""

import pytest

from tests.end_to_end import running


@pytest.mark.slow
def test_clean(few_run, few_photos, tmp_path):
  run = running.copy_of(few_run, tmp_path / "output")
  arguments = ("--name", "few", "--output", str(run.folder.parent))
  (trained,) = (run.folder / "tfx" / "Trainer" / "model").iterdir()
  (version,) = (few_run.folder / "model").iterdir()
  (at_first,) = (few_run.folder / "tfx" / "Trainer" / "model").iterdir()
  assert (version / "saved_model.pb").samefile(at_first / "Format-Serving" / "saved_model.pb")
  done = running.command("clean", *arguments)
  assert done.stdout.split()[-2:] == ["0", "folders"], done.stdout + done.stderr
  earlier = trained.with_name("1")
  earlier.mkdir()
  (earlier / "weights").write_bytes(b"0" * 3_000_000)
  done = running.command("clean", *arguments)
  assert "3.0 MB in 1 folder" in done.stdout and str(earlier) in done.stdout
  assert "--yes" in done.stdout and earlier.exists()
  done = running.command("clean", *arguments, "--yes")
  assert done.returncode == 0 and not earlier.exists() and trained.exists()
  again = running.run_pipeline(
    run.folder.parent,
    "few",
    *few_photos,
    "--generator",
    "dcgan-digiface",
    settings=running.SMALLEST,
  )
  assert again.status == 0, again.errors
