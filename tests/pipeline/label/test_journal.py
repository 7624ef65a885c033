"""No crash loses an answer that was acknowledged, or invents one."""

import os
import resource
import signal
import subprocess
import sys

import pytest

from components.shared.core import errors
from pipeline.programs.label import book as book_lib
from pipeline.programs.label import journal as journal_lib
from tests.end_to_end import running

ANSWERS = {"a.jpg": "yes", "b, c.jpg": "no", "ü.jpg": "can't tell"}


@pytest.fixture(name="csv")
def make_csv(tmp_path):
  return tmp_path / "labels.csv"


def _open(csv):
  return journal_lib.Journal(book_lib.journal_of(csv), csv)


def _filled(csv):
  journal = _open(csv)
  for image_id, answer in ANSWERS.items():
    journal.append("Male", image_id, answer, journal_lib.LABELING)
  return journal


def _said(journal):
  return {entry.image_id: entry.answer for entry in journal.entries}


def test_what_was_appended_is_read_again(csv):
  _filled(csv).close()
  journal = _open(csv)
  assert _said(journal) == ANSWERS
  assert [entry.origin for entry in journal.entries] == ["labeling"] * 3
  journal.close()


def test_a_crash_at_any_byte_leaves_whole_answers(csv):
  _filled(csv).close()
  path = book_lib.journal_of(csv)
  whole = path.read_bytes()
  names = list(ANSWERS)
  for length in range(len(whole) + 1):
    path.write_bytes(whole[:length])
    complete = whole[:length].count(b"\n")
    journal = _open(csv)
    assert list(_said(journal)) == names[:complete]
    if length % 20 and b"\n" not in whole[length - 1 : length + 1]:
      journal.close()  # fsync takes its time.
      continue
    journal.append("Male", "next.jpg", "no", journal_lib.LABELING)
    journal.close()
    journal = _open(csv)
    assert list(_said(journal)) == [*names[:complete], "next.jpg"]
    journal.close()


def test_a_line_that_is_no_answer_is_said(csv):
  _filled(csv).close()
  path = book_lib.journal_of(csv)
  lines = path.read_bytes().splitlines(keepends=True)
  for damage in (
    b"\0" * 40 + b"\n",
    b"[]\n",
    b'{"in_csv": 9}\n',
    b"1\n",
    lines[1].replace(b'"no"', b'"perhaps"'),
  ):
    path.write_bytes(lines[0] + damage + lines[2])
    with pytest.raises(errors.UserError, match="line 2: is no answer"):
      _open(csv)


def test_the_second_labeller_is_refused(csv):
  journal = _open(csv)
  with pytest.raises(errors.UserError, match="someone is labelling into"):
    _open(csv)
  journal.close()
  _open(csv).close()


def test_an_answer_for_which_there_is_no_room_is_not_taken(csv):
  journal = _filled(csv)
  before = journal.path.read_bytes()
  limits = resource.getrlimit(resource.RLIMIT_FSIZE)
  resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limits[1]))
  try:
    with pytest.raises(errors.UserError, match="can't be kept"):
      journal.append("Male", "d.jpg", "yes", journal_lib.LABELING)
  finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
  assert journal.path.read_bytes() == before
  journal.append("Male", "e.jpg", "yes", journal_lib.LABELING)
  journal.close()
  journal = _open(csv)
  assert _said(journal) == {**ANSWERS, "e.jpg": "yes"}
  journal.close()


def test_a_journal_that_was_taken_away_takes_no_answer(csv):
  journal = _filled(csv)
  elsewhere = journal.path.with_name("elsewhere")
  journal.path.rename(elsewhere)
  with pytest.raises(errors.UserError, match="put the file back"):
    journal.append("Male", "d.jpg", "yes", journal_lib.LABELING)
  elsewhere.rename(journal.path)
  journal.append("Male", "d.jpg", "yes", journal_lib.LABELING)
  journal.close()


_ANSWERING = """
import pathlib, sys
from pipeline.programs.label import book
book = book.Book(pathlib.Path(sys.argv[1]), "Male")
for number in range(10000):
  book.record(f"{number}.jpg", ("yes", "no", "can't tell")[number % 3],
              "labeling")
  print(number, flush=True)
"""


@pytest.mark.parametrize("answered", [1, 7, 40])
def test_a_killed_process_has_kept_all_that_it_acknowledged(csv, answered):
  process = subprocess.Popen(
    [sys.executable, "-c", _ANSWERING, str(csv)],
    cwd=running.ROOT,
    stdout=subprocess.PIPE,
    text=True,
    env={**os.environ, "PYTHONPATH": str(running.ROOT)},
  )
  for line in process.stdout:
    if int(line) == answered - 1:
      process.send_signal(signal.SIGKILL)
      break
  rest = process.stdout.read().split()
  process.wait()
  acknowledged = max([answered - 1, *map(int, rest)]) + 1
  book = book_lib.Book(csv, "Male")
  assert acknowledged <= len(book.answers) <= acknowledged + 1
  for number in range(acknowledged):
    assert book.answers[f"{number}.jpg"] == journal_lib.ANSWERS[number % 3]
  book.close()
  rows = csv.read_text().splitlines()
  assert rows[:2] == ["image_id,Male", "0.jpg,1"]
  assert len(rows) == len(book.answers) + 1


def test_what_never_ends_is_no_journal(tmp_path):
  path = tmp_path / "labels.csv.answers"
  os.mkfifo(path)
  with pytest.raises(errors.UserError, match="it is no file"):
    journal_lib.Journal(path, tmp_path / "labels.csv")
  path.unlink()
  path.write_text("[" * 100_000 + "\n")
  with pytest.raises(errors.UserError, match="line 1: is no answer"):
    journal_lib.Journal(path, tmp_path / "labels.csv")
