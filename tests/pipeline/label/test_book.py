"""The journal and the CSV agree, whatever came between."""

import fcntl
import os
import shutil

import pytest

from components.shared.core import errors
from components.shared.data import annotations
from pipeline.programs.label import book as book_lib
from pipeline.programs.label import journal as journal_lib
from pipeline.programs.label import table as table_lib

THREE = {"a.jpg": "yes", "b.jpg": "no", "c.jpg": "can't tell"}


@pytest.fixture(name="csv")
def make_csv(tmp_path):
  return tmp_path / "labels.csv"


def _answer(csv, answers, attribute="Male"):
  book = book_lib.Book(csv, attribute)
  for image_id, answer in answers.items():
    book.record(image_id, answer, journal_lib.LABELING)
  book.close()


def _answers(csv, attribute="Male"):
  book = book_lib.Book(csv, attribute)
  book.close()
  return book.answers


def test_the_csv_is_what_face_example_gen_reads(csv):
  _answer(csv, THREE)
  assert csv.read_text() == "image_id,Male\na.jpg,1\nb.jpg,0\nc.jpg,\n"
  table = annotations.AnnotationFile(str(csv)).table(THREE.keys())
  assert table.values == {"a.jpg": (1,), "b.jpg": (0,), "c.jpg": (None,)}


def test_it_is_written_with_every_answer(csv):
  book = book_lib.Book(csv, "Male")
  assert not csv.exists()
  book.record("a.jpg", "yes", journal_lib.LABELING)
  assert csv.read_text() == "image_id,Male\na.jpg,1\n"
  book.record("a.jpg", "no", journal_lib.LABELING)
  assert csv.read_text() == "image_id,Male\na.jpg,0\n"
  book.close()


def test_cant_tell_is_remembered(csv):
  _answer(csv, THREE)
  book = book_lib.Book(csv, "Male")
  assert book.answers == THREE
  assert book.opinions.history("") == list(THREE)
  book.close()


def test_other_columns_and_rows_are_kept(csv):
  csv.write_bytes(
    '\ufeffimage_id,Young,Male,"a ""b"""\r\n'
    'a.jpg,-1,,x\r\n"odd, name.jpg",1,-1,\r\nz.jpg,,1,y\r\n'.encode()
  )
  os.chmod(csv, 0o640)
  book = book_lib.Book(csv, "Male")
  assert book.answers == {"odd, name.jpg": "no", "z.jpg": "yes"}
  book.record("a.jpg", "yes", journal_lib.LABELING)
  book.record("odd, name.jpg", "no", journal_lib.LABELING)
  book.record("new.jpg", "no", journal_lib.LABELING)
  book.close()
  assert csv.read_bytes().decode() == (
    '\ufeffimage_id,Young,Male,"a ""b"""\r\n'
    'a.jpg,-1,1,x\r\n"odd, name.jpg",1,-1,\r\nz.jpg,,1,y\r\n'
    "new.jpg,,0,\r\n"
  )
  assert csv.stat().st_mode & 0o777 == 0o640


def test_a_new_attribute_gets_a_column(csv):
  _answer(csv, THREE)
  _answer(csv, {"b.jpg": "yes", "d.jpg": "no"}, "Smiling")
  assert csv.read_text() == ("image_id,Male,Smiling\na.jpg,1,\nb.jpg,0,1\nc.jpg,,\nd.jpg,,0\n")
  assert _answers(csv) == THREE
  assert _answers(csv, "Smiling") == {"b.jpg": "yes", "d.jpg": "no"}


def test_a_crash_at_any_moment(csv, tmp_path):
  """Between the journal's line, the new file and its taking the place of the
  old one: the states of the disk that there can be, each opened again."""
  _answer(csv, THREE)
  journal = book_lib.journal_of(csv)
  book = book_lib.Book(csv, "Male")
  old_csv = csv.read_bytes()
  book.record("a.jpg", "no", journal_lib.LABELING)
  new_csv, new_journal = csv.read_bytes(), journal.read_bytes()
  book.close()
  for number in (0, 1, len(new_csv) - 1, len(new_csv), len(new_csv) + 1):
    place = tmp_path / str(number) / "labels.csv"
    place.parent.mkdir()
    book_lib.journal_of(place).write_bytes(new_journal)
    if number <= len(new_csv):
      place.write_bytes(old_csv)
      place.with_name(".labels.csv.unfinished").write_bytes(new_csv[:number])
    else:
      place.write_bytes(new_csv)
    assert _answers(place) == {**THREE, "a.jpg": "no"}
    assert place.read_bytes() == new_csv
    place.with_name(".labels.csv.unfinished").unlink(missing_ok=True)


def test_what_someone_wrote_into_the_csv_counts(csv):
  _answer(csv, {**THREE, "d.jpg": "yes"})
  csv.write_text("image_id,Male\na.jpg,0\nc.jpg,1\ne.jpg,1\nd.jpg,\n")
  assert _answers(csv) == {"a.jpg": "no", "c.jpg": "yes", "e.jpg": "yes"}
  # And goes on counting; what was taken out may be answered anew.
  _answer(csv, {"b.jpg": "yes"})
  assert _answers(csv) == {"a.jpg": "no", "c.jpg": "yes", "e.jpg": "yes", "b.jpg": "yes"}
  assert csv.read_text() == ("image_id,Male\na.jpg,0\nc.jpg,1\ne.jpg,1\nd.jpg,\nb.jpg,1\n")


def test_an_edit_while_labelling_is_merged(csv):
  csv.write_text("image_id,Male,Young\na.jpg,1,\nb.jpg,0,\n")
  book = book_lib.Book(csv, "Male")
  book.record("c.jpg", "yes", journal_lib.LABELING)
  csv.write_text("image_id,Male,Young,Hat\na.jpg,0,1,1\nb.jpg,,,\nc.jpg,1,1,0\n")
  book.record("d.jpg", "no", journal_lib.LABELING)
  assert csv.read_text() == (
    "image_id,Male,Young,Hat\na.jpg,0,1,1\nb.jpg,,,\nc.jpg,1,1,0\nd.jpg,0,,\n"
  )
  assert book.answers == {"a.jpg": "no", "c.jpg": "yes", "d.jpg": "no"}
  book.close()


def test_a_csv_or_column_that_is_gone_is_made_again(csv):
  _answer(csv, THREE)
  whole = csv.read_text()
  csv.unlink()
  assert _answers(csv) == THREE
  assert csv.read_text() == whole
  csv.write_text("image_id,Young\na.jpg,1\n")
  assert _answers(csv) == THREE
  assert csv.read_text() == ("image_id,Young,Male\na.jpg,1,1\nb.jpg,,0\nc.jpg,,\n")


def test_a_csv_deleted_while_labelling_keeps_its_other_columns(csv):
  csv.write_text("image_id,Male,Young\na.jpg,1,1\n")
  book = book_lib.Book(csv, "Male")
  csv.unlink()
  book.record("b.jpg", "no", journal_lib.LABELING)
  book.close()
  assert csv.read_text() == "image_id,Male,Young\na.jpg,1,1\nb.jpg,0,\n"


def test_another_attributes_last_answer_is_not_forgotten(csv):
  """A crash after the journal's line; then someone labels another one."""
  _answer(csv, THREE)
  old = csv.read_bytes()
  book = book_lib.Book(csv, "Male")
  book.record("d.jpg", "yes", journal_lib.LABELING)
  crashed = book_lib.journal_of(csv).read_bytes()
  book.close()
  csv.write_bytes(old)
  book_lib.journal_of(csv).write_bytes(crashed)
  _answer(csv, {"a.jpg": "yes"}, "Smiling")
  assert "d.jpg,1," in csv.read_text()
  assert _answers(csv) == {**THREE, "d.jpg": "yes"}


def _folder_instead(csv):
  csv.unlink()
  csv.mkdir()
  return csv.rmdir


def _read_only(csv):
  csv.chmod(0o444)
  return lambda: csv.chmod(0o644)


def _open_in_libreoffice(csv):
  lock = csv.with_name(f".~lock.{csv.name}#")
  lock.write_text(",someone,host,;")
  return lock.unlink


def _locked(csv):
  file = open(csv)
  fcntl.flock(file, fcntl.LOCK_EX)
  return file.close


def _broken(csv):
  content = csv.read_text()
  csv.write_text("something else\n")
  return lambda: csv.write_text(content)


@pytest.mark.parametrize(
  "prevent, told",
  [
    (_folder_instead, "is no file"),
    (_read_only, "is read-only"),
    (_open_in_libreoffice, "is open in LibreOffice"),
    (_locked, "another program has locked it"),
    (_broken, "expected the header"),
  ],
)
def test_while_the_csv_cant_be_written_answers_are_kept(csv, prevent, told):
  book = book_lib.Book(csv, "Male")
  book.record("a.jpg", "yes", journal_lib.LABELING)
  allow = prevent(csv)
  book.record("b.jpg", "no", journal_lib.LABELING)
  assert told in book.problem and str(csv) in book.problem
  assert "\n" not in book.problem
  # Whoever stops now finds them in the journal, and is told so.
  kept = book_lib.journal_of(csv).read_bytes()
  with pytest.raises(errors.UserError, match="no answer is lost"):
    book.close()
  with pytest.raises(errors.UserError, match=told):
    book_lib.Book(csv, "Male")
  assert book_lib.journal_of(csv).read_bytes().startswith(kept)
  allow()
  _answer(csv, {"c.jpg": "can't tell"})
  assert csv.read_text() == "image_id,Male\na.jpg,1\nb.jpg,0\nc.jpg,\n"


def test_it_is_tried_again_with_the_next_answer(csv):
  book = book_lib.Book(csv, "Male")
  book.record("a.jpg", "yes", journal_lib.LABELING)
  allow = _open_in_libreoffice(csv)
  book.record("b.jpg", "no", journal_lib.LABELING)
  allow()
  book.record("c.jpg", "can't tell", journal_lib.LABELING)
  assert book.problem is None
  assert csv.read_text() == "image_id,Male\na.jpg,1\nb.jpg,0\nc.jpg,\n"
  book.close()


@pytest.mark.parametrize(
  "content, told",
  [
    ("image_id,Male\na.jpg,1\na.jpg,1\n", "row 3: `a.jpg` is listed twice"),
    ("image_id,Male\na.jpg,2\n", "row 2: Male is `2`"),
    ("image_id,Male\na.jpg\n", "row 2: 0 values for 1 attributes"),
    ("image_id,Male,Male\n", "names that differ"),
    ("1\nMale\na.jpg 1\n", "CelebA's attribute list"),
    ("", "is empty"),
    (b"image_id,M\xe4nnlich\n", "UTF-8"),
  ],
)
def test_a_csv_that_is_none_is_refused_and_left_alone(csv, content, told):
  content = content if isinstance(content, bytes) else content.encode()
  csv.write_bytes(content)
  with pytest.raises(errors.UserError, match=told):
    book_lib.Book(csv, "Male")
  assert csv.read_bytes() == content
  assert [path.name for path in csv.parent.iterdir()] == ["labels.csv"]


def test_a_csv_that_takes_long_is_not_written_with_every_answer(csv, monkeypatch):
  monkeypatch.setattr(book_lib, "_SLOW_SECONDS", 0)  # Any takes long.
  monkeypatch.setattr(book_lib, "_SHARE", 1e6)
  book = book_lib.Book(csv, "Male")
  for image_id, answer in THREE.items():
    book.record(image_id, answer, journal_lib.LABELING)
  assert csv.read_text() == "image_id,Male\na.jpg,1\n"
  assert book.answers == THREE and book.problem is None
  book.close()
  assert csv.read_text() == "image_id,Male\na.jpg,1\nb.jpg,0\nc.jpg,\n"


def test_no_folder_is_said(tmp_path):
  with pytest.raises(errors.UserError, match="there is no folder"):
    book_lib.Book(tmp_path / "none" / "labels.csv", "Male")


def test_a_link_is_followed_and_its_file_held(csv, tmp_path):
  link = tmp_path / "link.csv"
  link.symlink_to(csv)
  book = book_lib.Book(link, "Male")
  with pytest.raises(errors.UserError, match="someone is labelling"):
    book_lib.Book(csv, "Male")
  book.record("a.jpg", "yes", journal_lib.LABELING)
  book.close()
  assert link.is_symlink() and csv.read_text() == "image_id,Male\na.jpg,1\n"


def test_a_copied_pair_goes_on_elsewhere(csv, tmp_path):
  _answer(csv, THREE)
  other = tmp_path / "other"
  other.mkdir()
  for path in (csv, book_lib.journal_of(csv)):
    shutil.copy(path, other)
  assert _answers(other / "labels.csv") == THREE


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_cells_with_ends_of_lines_stay(tmp_path, newline):
  path = tmp_path / "labels.csv"
  text = newline.join(
    ["image_id,Smiling,Note", "a.jpg,1,plain", '"b\r.jpg","0","one\rtwo\nthree"', ""]
  )
  path.write_bytes(text.encode())
  found = table_lib.read(path, "Smiling")
  assert found.rows["b\r.jpg"] == ["0", "one\rtwo\nthree"]
  assert found.encode() == text.encode()
