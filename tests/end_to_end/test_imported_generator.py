"""Generators from elsewhere, in the place of a trained one."""

import json
import shutil

from tests.end_to_end import running


def test_by_name(output):
  run = running.run_pipeline(output, "dcgan", "--generator", "dcgan-digiface")
  assert run.status == 0, run.errors
  assert "VaeGanTrainer" not in run.evaluation["seconds"]
  assert run.evaluation["seconds"]["PretrainedGenerator"] > 0
  assert run.evaluation["ladder"]["synthetic_only"]["auc"] > 0.7
  page = (run.folder / "report" / "index.html").read_text()
  assert "It came from elsewhere." in page

  done = running.command(
      "sweep", "--name", "dcgan", "--output", str(output), "--labels", "4",
      "--seeds", "2", "--faces", "100")
  assert done.returncode == 0, done.stderr[-2000:]


def test_by_folder(first_run, output, tmp_path):
  """The generator of another run, brought in as a SavedModel."""
  trained = first_run.artifact("VaeGanTrainer", "model") / "Format-Serving"
  folder = tmp_path / "generator"
  shutil.copytree(trained, folder)
  arguments = ("imported", "--generator", str(folder))
  run = running.run_pipeline(output, *arguments)
  assert run.status == 0, run.errors
  # The same generator, so the same faces and the same ladder.
  assert run.evaluation["ladder"] == first_run.evaluation["ladder"]
  again = running.run_pipeline(output, *arguments)
  assert "SyntheticFaceGen" in again.evaluation["cached"]


def test_a_generator_that_does_not_fit_is_refused_before_the_run(
    first_run, output, tmp_path):
  network = first_run.artifact("EmbeddingNetwork", "network")
  folder = tmp_path / "network"
  shutil.copytree(network / "Format-Serving", folder)
  run = running.run_pipeline(output, "refused", "--generator", str(folder))
  assert run.status == 2
  assert "has no signature `decode`; it has embed_jpeg" in run.errors
  assert not (output / "refused").exists()


def test_experiment_files_name_it_too(tmp_path):
  file = tmp_path / "config.yaml"
  file.write_text(json.dumps({"imported_generator": "dcgan-digiface"}))
  done = running.command("config", "--config", str(file))
  assert "imported_generator = dcgan-digiface" in done.stdout
