"""A CSV that a spreadsheet wrote stays as it is, but for the answers."""

import unicodedata

import pytest

from components.shared.core import errors
from components.shared.data import annotations
from pipeline.programs.label import book as book_lib
from pipeline.programs.label import journal as journal_lib

PHOTOS = ("a.jpg", "b.jpg", "c.jpg")


def _answer(csv, answers, photos=PHOTOS):
  book = book_lib.Book(csv, "Male", photos)
  for image_id, answer in answers.items():
    book.record(image_id, answer, journal_lib.LABELING)
  book.close()
  return book.answers


@pytest.mark.parametrize(
  "before, after",
  [
    (
      "\ufeffimage_id;Male;Notes\r\na.jpg;1,0;blurry, dark\r\n",
      "\ufeffimage_id;Male;Notes\r\na.jpg;1,0;blurry, dark\r\nb.jpg;0;\r\n",
    ),
    ("sep=;\nimage_id;Male\na.jpg;Yes\n", "sep=;\nimage_id;Male\na.jpg;Yes\nb.jpg;0\n"),
    ("Male,File name\nTRUE,a.jpg\n", "Male,File name\nTRUE,a.jpg\n0,b.jpg\n"),
    (",image_id,Male\n0,a.jpg,1.0\n", ",image_id,Male\n0,a.jpg,1.0\n,b.jpg,0\n"),
    ("image_id,Male\na.jpg,1,\n,,\nb.jpg,NA\n", "image_id,Male\na.jpg,1\nb.jpg,0\n"),
  ],
)
def test_its_form_is_kept(tmp_path, before, after):
  csv = tmp_path / "labels.csv"
  csv.write_bytes(before.encode())
  assert _answer(csv, {"a.jpg": "yes", "b.jpg": "no"}) == {"a.jpg": "yes", "b.jpg": "no"}
  assert csv.read_bytes().decode() == after
  values = annotations.AnnotationFile(str(csv)).table(PHOTOS, needed=("Male",)).values
  assert (values["a.jpg"][0], values["b.jpg"][0]) == (1, 0)


def test_rows_that_call_a_photo_otherwise_are_its_rows(tmp_path):
  csv = tmp_path / "labels.csv"
  composed = unicodedata.normalize("NFC", "Zoé.jpg")
  taken_apart = unicodedata.normalize("NFD", composed)
  csv.write_text(f"image_id,Male\n{composed},1\nphotos/b.jpg,0\n")
  photos = (*PHOTOS, taken_apart)
  book = book_lib.Book(csv, "Male", photos)
  book.close()
  assert book.answers == {taken_apart: "yes", "b.jpg": "no"}
  _answer(csv, {taken_apart: "no", "a.jpg": "yes"}, photos)
  assert csv.read_text() == f"image_id,Male\n{composed},0\nphotos/b.jpg,0\na.jpg,1\n"
  csv.write_text("image_id,Male\nx/a.jpg,1\na.jpg,0\n")
  with pytest.raises(errors.UserError, match="row 3: `a.jpg` is listed twice, as `x/a.jpg`"):
    book_lib.Book(csv, "Male", photos)
