"""Generators from elsewhere, in the place of a trained one."""

import shutil

import pytest

from tests.end_to_end import running

pytestmark = pytest.mark.slow


def test_by_name(own_run, invoke):
  """The photos, the network and the embeddings are the first run's."""
  output = own_run.folder.parent
  run = running.run_pipeline(output, "small", "--generator", "dcgan-digiface")
  assert run.status == 0, run.errors
  assert "RealFaceEmbedder" in run.evaluation["cached"]
  assert "VaeGanTrainer" not in run.evaluation["seconds"]
  assert run.evaluation["seconds"]["PretrainedGenerator"] > 0
  assert run.evaluation["ladder"]["synthetic_only"]["auc"] > 0.7
  page = (run.folder / "report" / "index.html").read_text()
  assert "It came from elsewhere." in page

  done = invoke(
    "sweep",
    "--name",
    "small",
    "--output",
    output,
    "--labels",
    "4",
    "--seeds",
    "2",
    "--faces",
    "100",
  )
  assert done.status == 0, done.errors


def test_by_folder(own_run, tmp_path):
  """The generator of another run, brought in as a SavedModel."""
  trained = own_run.artifact("VaeGanTrainer", "model") / "Format-Serving"
  folder = tmp_path / "generator"
  shutil.copytree(trained, folder)
  place = own_run.folder.parent, own_run.folder.name
  run = running.run_pipeline(*place, "--generator", str(folder))
  assert run.status == 0, run.errors
  # The same generator, so the same faces and the same ladder.
  assert run.evaluation["ladder"] == own_run.evaluation["ladder"]
  assert "SyntheticFaceGen" not in run.evaluation["cached"]
  again = running.run_pipeline(*place, "--generator", str(folder))
  assert "SyntheticFaceGen" in again.evaluation["cached"]


def test_a_generator_that_does_not_fit_is_refused_before_the_run(first_run, output, tmp_path):
  network = first_run.artifact("EmbeddingNetwork", "network")
  folder = tmp_path / "network"
  shutil.copytree(network / "Format-Serving", folder)
  run = running.run_pipeline(output, "refused", "--generator", str(folder))
  assert run.status == 2
  assert "has no signature `decode`; it has embed_jpeg" in run.errors
  assert not (output / "refused").exists()
