"""What runs again when a label, or a comment, is added."""

import pathlib
import shutil

import pytest

from tests.end_to_end import running
from tests.faults import runs

WITHOUT_LABELS = {
  "FaceExampleGen",
  "FaceSchema",
  "FaceStatistics",
  "FaceValidator",
  "FaceGate",
  "EmbeddingNetwork",
  "EmbeddingEngine",
  "RealFaceEmbedder",
  "VaeGanTrainer",
  "LatentCodes",
}
"""Nodes that owe nothing to any label."""


def _commented(folder: pathlib.Path) -> pathlib.Path:
  """A copy of the code, with a changed downloader and a changed page."""
  for package in ("components", "pipeline", "schema"):
    shutil.copytree(running.ROOT / package, folder / package)
  with open(
    folder / "components" / "shared" / "assets" / "download.py", "a", encoding="utf-8"
  ) as file:
    file.write("\n# A comment.\nA_CHANGE = 1\n")
  with open(
    folder / "components" / "report" / "templates" / "answer.html.j2", "a", encoding="utf-8"
  ) as file:
    file.write("<p>A new line of the page.</p>\n")
  return folder


@pytest.mark.slow
def test_photos_and_generator_stay_when_a_label_is_added(few_photos, tmp_path):
  source, labels = (
    pathlib.Path(few_photos[few_photos.index(option) + 1]) for option in ("--source", "--labels")
  )
  arguments = [str(tmp_path / "labels.csv") if p == str(labels) else p for p in few_photos]
  shutil.copy(labels, tmp_path / "labels.csv")

  def run(code: pathlib.Path = running.ROOT) -> running.Run:
    done = running.run_pipeline(
      tmp_path / "output", "few", *arguments, settings=runs.TRAINED, code=code
    )
    assert done.status == 0, done.errors
    return done

  first = run()
  assert first.evaluation["cached"] == []
  photos = first.evaluation["photos"]
  names = sorted(path.name for path in source.iterdir())
  assert sum(photos.values()) == len(names)
  assert photos["reserved_without_label"] > 0
  assert f"{photos['reserved_without_label']} more photos are reserved" in first.printed

  with open(tmp_path / "labels.csv", "a", encoding="utf-8") as file:
    file.write(f"{_without_label(first, labels, names)},1\n")
  second = run()
  cached = set(second.evaluation["cached"])
  assert cached >= WITHOUT_LABELS
  assert not cached & {"AnnotationGen", "LabeledEmbeddings", "LatentDirections", "Trainer"}
  assert second.evaluation["photos"] == {
    **photos,
    "labeled": photos["labeled"] + 1,
    "unlabeled": photos["unlabeled"] - 1,
  }

  third = run(_commented(tmp_path / "code"))
  ran = set(third.evaluation["seconds"]) - set(third.evaluation["cached"])
  # The model before may have been blessed, so that there is one to be held against.
  assert "Report" in ran
  assert ran <= {"Report", "LatestBlessedModel", "Evaluator", "Pusher"}
  assert "A new line of the page." in (third.folder / "report" / "index.html").read_text()


def _without_label(run: running.Run, labels: pathlib.Path, names: list[str]) -> str:
  """A photo to learn from that has no label yet."""
  from components.shared.data import examples

  faces = str(run.artifact("FaceExampleGen", "examples"))
  known = labels.read_text(encoding="utf-8")
  for name in names:
    try:
      examples.find(faces, examples.TRAINING, name)
    except KeyError:
      continue
    if name not in known:
      return name
  raise AssertionError("every photo to learn from has a label")
