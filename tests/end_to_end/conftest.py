"""Few photos that the tests of this folder share."""

import csv
import shutil
from typing import Sequence

import pytest

from components.face_example_gen import sources
from components.face_example_gen.settings import SourceSettings

_PHOTOS = 80
_LABELED = 60


@pytest.fixture(scope="session")
def few_photos(tmp_path_factory, sample_photos) -> Sequence[str]:
  """Arguments that name some photos in a folder, and labels of most of them
  in a CSV."""
  folder = tmp_path_factory.mktemp("few")
  (folder / "photos").mkdir()
  rows = list(sources.open_source(SourceSettings()).rows())[:_PHOTOS]
  for row in rows:
    shutil.copy(sample_photos / row.image_id, folder / "photos")
  with open(folder / "labels.csv", "w", encoding="utf-8") as file:
    csv.writer(file).writerows([("image_id", "Male"), *(
        (row.image_id, row.annotations["Male"]) for row in rows[:_LABELED])])
  return ("photos", "--source", str(folder / "photos"), "--labels",
          str(folder / "labels.csv"), "--attribute", "Male")
