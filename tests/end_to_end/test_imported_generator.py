"""Generators from elsewhere, in the place of a trained one."""

import shutil

import pytest

from tests.end_to_end import running

pytestmark = pytest.mark.slow


def test_by_name(few_run, invoke, tmp_path):
  run = running.copy_of(few_run, tmp_path / "output")
  assert "VaeGanTrainer" not in run.evaluation["seconds"]
  assert run.evaluation["seconds"]["PretrainedGenerator"] > 0
  assert run.evaluation["ladder"]["synthetic_only"]["auc"] > 0.7
  page = (run.folder / "report" / "index.html").read_text()
  assert "It came from elsewhere." in page

  done = invoke(
    "sweep",
    "--name",
    run.folder.name,
    "--output",
    run.folder.parent,
    "--labels",
    "4",
    "--seeds",
    "2",
    "--faces",
    "100",
  )
  assert done.status == 0, done.errors


def test_by_folder(few_run, few_photos, tmp_path):
  """The generator of another run, brought in as a SavedModel."""
  own_run = running.copy_of(few_run, tmp_path / "output")
  made = own_run.artifact("PretrainedGenerator", "model") / "Format-Serving"
  folder = tmp_path / "generator"
  shutil.copytree(made, folder)

  def run() -> running.Run:
    place = own_run.folder.parent, own_run.folder.name
    run = running.run_pipeline(
      *place, *few_photos, "--generator", str(folder), settings=running.SMALLEST
    )
    assert run.status == 0, run.errors
    return run

  first = run()
  # The photos, the network and the embeddings are those of the run before.
  assert "RealFaceEmbedder" in first.evaluation["cached"]
  # The same generator, so the same faces and the same ladder.
  assert first.evaluation["ladder"] == own_run.evaluation["ladder"]
  assert "SyntheticFaceGen" not in first.evaluation["cached"]
  assert "SyntheticFaceGen" in run().evaluation["cached"]


def test_a_generator_that_does_not_fit_is_refused_before_the_run(first_run, output, tmp_path):
  network = first_run.artifact("EmbeddingNetwork", "network")
  folder = tmp_path / "network"
  shutil.copytree(network / "Format-Serving", folder)
  run = running.run_pipeline(output, "refused", "--generator", str(folder))
  assert run.status == 2
  assert "has no signature `decode`; it has embed_jpeg" in run.errors
  assert not (output / "refused").exists()
