"""What is known of an attribute: the journal and the CSV, kept in agreement.

The journal is right about what was answered here, the CSV about what someone
wrote into it. Where they differ, an answer that the CSV may not hold yet wins
(a crash came between, or the CSV could not be written); otherwise someone
edited the CSV, and the edit wins and is put down in the journal. A CSV that is
gone, or lost the attribute's column, is made again from the journal.
"""

import os
import pathlib
import time
from collections.abc import Collection

from components.shared.core import errors
from pipeline.programs.label import journal as journal_lib
from pipeline.programs.label import table as table_lib

_SLOW_SECONDS = 0.3
_SHARE = 20
"""A slow CSV is written for at most a twentieth of the time."""


class Book:
  """The answers to one attribute; for one thread at a time.

  Attributes:
    csv: the file of labels.
    attribute: its column.
    answers: by photo one of `journal.ANSWERS`; photos of other sources, which
      the CSV may hold, too.
    audited: photos whose answer is one that was given again, blind.
    problem: why the CSV lags behind the journal; None while it does not.
  """

  def __init__(self, csv: pathlib.Path, attribute: str, photos: Collection[str] = ()):
    """Opens both files, and writes into the CSV what it lacks.

    Args:
      csv: the file of labels.
      attribute: its column.
      photos: their names, which the CSV may write in another way.

    Raises:
      UserError: someone else is labelling into the CSV, it can't be written
        or read, or one of the files is damaged.
    """
    # A link is followed, not replaced; by either name it is the same file.
    self.csv = pathlib.Path(os.path.realpath(csv.expanduser()))
    self.attribute = attribute
    self._photos = photos
    self.answers: dict[str, str] = {}
    self.audited: set[str] = set()
    self.problem: str | None = None
    self._save_from = 0.0
    self._asked: set[str] = set()
    self._history: dict[str, None] = {}
    self._signature: table_lib.Signature = None
    self._table = table_lib.empty()
    table_lib.check_writable(self.csv)
    if self.csv.exists():  # A mistake in it leaves no journal behind.
      table_lib.read(self.csv, attribute, photos)
    self._journal = journal_lib.Journal(journal_of(self.csv), self.csv)
    try:
      for entry in self._journal.entries:
        if entry.attribute == attribute:
          self._take(entry)
      self._read_csv()
      if self._is_behind():
        self._write_csv()
    except BaseException:
      self._journal.close()
      raise

  def history(self) -> list[str]:
    """Photos that were answered here, each once, the latest last."""
    return list(self._history)

  def record(self, image_id: str, answer: str, origin: str) -> None:
    """Keeps an answer: first in the journal, then in the CSV.

    Should the CSV not be writable now, `problem` says so, and it is tried
    again with the next answer. One that takes long to write (200,000 rows: a
    second) is not written with each, so that nobody waits for it.

    Raises:
      UserError: the journal can't be written; the answer was not taken.
    """
    self._append(image_id, answer, origin)
    if time.monotonic() >= self._save_from:
      self.save()

  def save(self) -> None:
    """Brings the CSV up to date; what prevents that becomes `problem`."""
    try:
      if self._is_behind():
        table_lib.check_writable(self.csv)
      if table_lib.signature(self.csv) != self._signature:
        self._read_csv()
      if self._is_behind():
        self._write_csv()
      self.problem = None
    except errors.UserError as error:
      self.problem = str(error)

  def close(self) -> None:
    """Brings the CSV up to date and lets others have the files.

    Raises:
      UserError: the CSV can't be written; the journal has all answers.
    """
    self.save()
    self._journal.close()
    if self.problem:
      raise errors.UserError(
        f"{self.problem}; no answer is lost: they are in "
        f"{self._journal.path}, and the same command writes the CSV"
      )

  def _append(self, image_id: str, answer: str, origin: str) -> None:
    self._take(self._journal.append(self.attribute, image_id, answer, origin))

  def _take(self, entry: journal_lib.Entry) -> None:
    image_id = entry.image_id
    self._asked.add(image_id)
    self._history.pop(image_id, None)
    self.audited.discard(image_id)
    if entry.answer == journal_lib.NONE:
      self.answers.pop(image_id, None)
      return
    self.answers[image_id] = entry.answer
    if entry.origin != journal_lib.FROM_CSV:
      self._history[image_id] = None
    if entry.origin == journal_lib.AUDIT:
      self.audited.add(image_id)

  def _own(self) -> dict[str, str]:
    """Answers that the journal has."""
    return {
      image_id: answer for image_id, answer in self.answers.items() if image_id in self._asked
    }

  def _read_csv(self) -> None:
    """Takes over what the CSV says, but for answers that it lacks."""
    signature = table_lib.signature(self.csv)
    if signature is not None:  # Else what it held is still known.
      self._table = table_lib.read(self.csv, self.attribute, self._photos)
      if self._table.has(self.attribute):
        self._take_over(self._table.answers(self.attribute))
    self._signature = signature

  def _take_over(self, known: dict[str, str]) -> None:
    """Puts down what someone wrote over answers given here.

    Args:
      known: what the CSV says.
    """
    lacking = {
      entry.image_id for entry in self._journal.lacking() if entry.attribute == self.attribute
    }
    for image_id in sorted(self._asked - lacking):
      said = self.answers.get(image_id, journal_lib.NONE)
      found = known.get(image_id, journal_lib.NONE)
      if found != said and not (found == journal_lib.NONE and said == journal_lib.CANT_TELL):
        self._append(image_id, found, journal_lib.FROM_CSV)
    self.answers = {
      **{image_id: answer for image_id, answer in known.items() if image_id not in self._asked},
      **self._own(),
    }

  def _is_behind(self) -> bool:
    gone = self._signature is None or not self._table.has(self.attribute)
    return bool(self._journal.lacking()) or (gone and bool(self._asked))

  def _write_csv(self) -> None:
    started = time.monotonic()
    self._table.put(self.attribute, self._own())
    # What was answered last to another attribute may be lacking, too.
    for entry in self._journal.lacking():
      self._table.put(entry.attribute, {entry.image_id: entry.answer})
    self._signature = table_lib.write(self.csv, self._table)
    self._journal.all_in_csv()
    took = time.monotonic() - started
    if took > _SLOW_SECONDS:
      self._save_from = time.monotonic() + _SHARE * took


def journal_of(csv: pathlib.Path) -> pathlib.Path:
  """Where the answers are kept that a CSV is made of."""
  return csv.with_name(f"{csv.name}.answers")
