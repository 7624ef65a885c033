"""Folders that are read as one source."""

import os
import shutil

import pytest

from components.shared.core import errors
from components.shared.data import sources
from components.shared.data.settings import SourceSettings


@pytest.fixture
def spans(tmp_path, sample_photos):
  """spans(name, first, last): puts photos of the sample into a span."""
  files = sorted(sample_photos.iterdir())
  labels = tmp_path / "labels.csv"
  labels.write_text("image_id,Bald\n")

  def make(name, first, last, at=None):
    folder = tmp_path / "photos" / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in files[first:last]:
      shutil.copy(file, folder)
      line = f"{file.name},{files.index(file) % 2}\n"
      if line not in labels.read_text():
        labels.write_text(labels.read_text() + line)
    if at is not None:
      os.utime(folder, (at, at))
    return folder

  return make


@pytest.fixture
def open_(tmp_path):
  """open_(pattern): the source."""

  def call(pattern="{SPAN}"):
    return sources.open_source(
      SourceSettings(
        path=str(tmp_path / "photos" / pattern),
        labels=str(tmp_path / "labels.csv"),
        attributes=("Bald",),
      )
    )

  return call


def test_as_one_folder(spans, open_, tmp_path):
  spans("week-2", 20, 40, at=2000)
  spans("week-1", 0, 20, at=1000)
  opened = open_("week-{SPAN}")
  first = spans("together", 0, 40)
  assert opened.image_ids() == sorted(os.listdir(first))
  name = opened.image_ids()[30]
  assert opened.read(name) == (first / name).read_bytes()
  assert opened.describe().endswith("(2 spans, 1 to 2)")


def test_another_span_is_another_fingerprint(spans, open_):
  spans("1", 0, 60)
  before = open_().fingerprint()
  assert open_().fingerprint() == before
  spans("2", 60, 90)
  assert open_().fingerprint() != before


def test_what_is_missing_late_or_there_twice_is_said(spans, open_):
  spans("01", 0, 20, at=5000)
  spans("02", 10, 30, at=1000)
  spans("05", 30, 40, at=2000)
  said = open_().describe()
  assert "3 spans, 01 to 05; missing: 3, 4; changed later than 05: 01; 10 photo(s)" in said
  assert len(open_().image_ids()) == 40


def test_dates_in_their_order(spans, open_):
  spans("2026-01-12", 0, 20, at=3000)
  spans("2025-12-29", 20, 40, at=1000)
  assert open_().describe().endswith("(2 spans, 2025-12-29 to 2026-01-12)")


@pytest.mark.parametrize(
  "names, pattern, said",
  [
    (("1", "01"), "{SPAN}", "is the same span as"),
    (("1", "2026-01-05"), "{SPAN}", "is a number and .* a date"),
    (("2026-13-05",), "{SPAN}", "no such date"),
    (("a",), "{SPAN}", "there is no span"),
    (("1",), "{SPAN}/{SPAN}", "stands once"),
  ],
)
def test_refused(spans, open_, names, pattern, said):
  for start, name in enumerate(names):
    spans(name, 20 * start, 20 * start + 20)
  with pytest.raises(errors.UserError, match=said):
    open_(pattern)


def test_a_span_without_photos(spans, open_):
  spans("1", 0, 20)
  spans("2", 0, 0)
  with pytest.raises(errors.UserError, match="photos/2 holds no photos"):
    open_()


def test_two_photos_of_one_name(spans, open_):
  first = spans("1", 0, 20)
  name = sorted(os.listdir(first))[0]
  (spans("2", 20, 40) / name).write_bytes(b"another")
  with pytest.raises(errors.UserError, match="another photo of this name"):
    open_()
