"""Runs a sound run's folder again, with something spoiled, and puts it back."""

import csv
import hashlib
import io
import json
import pathlib
import shutil
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from components.shared.data import sources
from tests.end_to_end import running

Row = dict[str, str]
"""`image_id`, `Male` and what else the sample's CSV has, as text."""


class Source:
  """The sample as a folder of photos and a CSV, to be spoiled.

  Attributes:
    photos: the folder.
    labels: the CSV.
    arguments: that name the two.
  """

  def __init__(self, folder: pathlib.Path, sample: pathlib.Path):
    self.photos = folder / "photos"
    self.labels = folder / "labels.csv"
    shutil.copytree(sample, self.photos)
    shutil.copy(sources.SAMPLE_LABELS, self.labels)
    self.arguments = ("--source", str(self.photos), "--labels", str(self.labels))

  def read_labels(self) -> dict[str, str]:
    """Labels by image_id."""
    with open(self.labels, encoding="utf-8") as file:
      return {row["image_id"]: row["Male"] for row in csv.DictReader(file)}

  def relabel(self, change: Callable[[list[Row]], None]) -> None:
    """Changes the rows of the CSV, which are in the order of the names."""
    with open(self.labels, encoding="utf-8") as file:
      rows = list(csv.DictReader(file))
    names = list(rows[0])
    change(rows)
    with open(self.labels, "w", encoding="utf-8") as file:
      writer = csv.DictWriter(file, names)
      writer.writeheader()
      writer.writerows(rows)

  def put_noise(self, first: int, last: int) -> None:
    """Swaps photos for valid JPEGs of white noise, of the same size."""
    for number in range(first, last + 1):
      path = self.photos / name(number)
      if path.exists():
        pixels = np.random.default_rng(number).integers(0, 256, (218, 178, 3), dtype=np.uint8)
        jpeg = io.BytesIO()
        Image.fromarray(pixels).save(jpeg, "JPEG", quality=95)
        path.write_bytes(jpeg.getvalue())


def name(number: int) -> str:
  """The file of one of the sample's photos."""
  return f"{number:06d}.jpg"


def with_bugs(folder: pathlib.Path, bugs: Mapping[str, str]) -> pathlib.Path:
  """A copy of the code in which lines were added to modules."""
  for package in ("components", "pipeline", "schema"):
    shutil.copytree(running.ROOT / package, folder / package)
  for module, lines in bugs.items():
    path = folder / f"{module.replace('.', '/')}.py"
    path.write_text(f"{path.read_text()}\n\n{lines}")
  return folder


def give_to(run: running.Run, source: Source) -> None:
  """Makes the folder the run of other photos, which it would else refuse."""
  owner = run.folder / "run.json"
  content = json.loads(owner.read_text())
  content.update(source=str(source.photos), labels=str(source.labels))
  owner.write_text(json.dumps(content))


def pushed(run: running.Run) -> dict[str, str]:
  """SHA-256 of all files of all pushed models."""
  folder = run.folder / "model"
  return {
    path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
    for path in sorted(folder.rglob("*"))
    if path.is_file()
  }
