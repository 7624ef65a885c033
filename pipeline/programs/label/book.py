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
from pipeline.programs.label import opinions as opinions_lib
from pipeline.programs.label import table as table_lib

_SLOW_SECONDS = 0.3
_SHARE = 20
"""A slow CSV is written for at most a twentieth of the time."""


class Book:
  """The answers to one attribute; for one thread at a time.

  Attributes:
    csv: the file of labels.
    attribute: its column.
    opinions: of those who label, and what counts; photos of other sources, which
      the CSV may hold, too.
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
    self.opinions = opinions_lib.Opinions()
    self._photos = photos
    self.problem: str | None = None
    self._save_from = 0.0
    self._signature: table_lib.Signature = None
    self._table = table_lib.empty()
    table_lib.check_writable(self.csv)
    if self.csv.exists():  # A mistake in it leaves no journal behind.
      _check(self.csv, attribute, photos)
    self._journal = journal_lib.Journal(journal_of(self.csv), self.csv)
    try:
      for entry in self._journal.entries:
        if entry.attribute == attribute:
          self.opinions.take(entry)
      self._read_csv()
      if self._is_behind():
        self._write_csv()
    except BaseException:
      self._journal.close()
      raise

  @property
  def answers(self) -> dict[str, str]:
    """What counts, by photo, one of `journal.ANSWERS`."""
    return self.opinions.answers

  def record(
    self,
    image_id: str,
    answer: str,
    origin: str,
    labeller: str = opinions_lib.HERE,
    order: str = "",
    note: str = "",
  ) -> None:
    """Keeps an answer: first in the journal, then in the CSV.

    Should the CSV not be writable now, `problem` says so, and it is tried
    again with the next answer. One that takes long to write (200,000 rows: a
    second) is not written with each, so that nobody waits for it.

    Args: as in `journal.Entry`.

    Raises:
      UserError: the journal can't be written; the answer was not taken.
    """
    if labeller != opinions_lib.HERE and image_id not in self.opinions.asked:
      # What stands in the CSV alone was said first.
      if image_id in self.answers:
        self._append(image_id, self.answers[image_id], journal_lib.FROM_CSV)
    self._append(image_id, answer, origin, labeller, order, note)
    if time.monotonic() >= self._save_from:
      self.save()

  def add_second(self, csv: pathlib.Path) -> None:
    """Takes over what another person labelled elsewhere, under the file's name.

    Raises:
      UserError: as `table.read`; the file has no such column; as `record`.
    """
    table = table_lib.read(csv, self.attribute, self._photos)
    if not table.has(self.attribute):
      raise errors.UserError(f"{csv}: has no column {self.attribute}")
    known = self.opinions.of(csv.stem)
    for image_id, answer in table.answers(self.attribute).items():
      if known.get(image_id) != answer:
        self.record(image_id, answer, journal_lib.LABELING, csv.stem)

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

  def _append(self, image_id: str, answer: str, origin: str, *more: str) -> None:
    self.opinions.take(self._journal.append(self.attribute, image_id, answer, origin, *more))

  def _own(self) -> dict[str, str]:
    """Answers that the journal has."""
    return {photo: answer for photo, answer in self.answers.items() if photo in self.opinions.asked}

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
    for image_id in sorted(self.opinions.asked - lacking):
      said = self.answers.get(image_id, journal_lib.NONE)
      found = known.get(image_id, journal_lib.NONE)
      if found != said and not (found == journal_lib.NONE and said == journal_lib.CANT_TELL):
        self._append(image_id, found, journal_lib.FROM_CSV)
    self.opinions.answers = {
      **{
        image_id: answer
        for image_id, answer in known.items()
        if image_id not in self.opinions.asked
      },
      **self._own(),
    }

  def _is_behind(self) -> bool:
    gone = self._signature is None or not self._table.has(self.attribute)
    return bool(self._journal.lacking()) or (gone and bool(self.opinions.asked))

  def _write_csv(self) -> None:
    started = time.monotonic()
    self._table.put(self.attribute, self._own())
    # What was answered last to another attribute may be lacking, too.
    for attribute in {entry.attribute for entry in self._journal.lacking()} - {self.attribute}:
      self._table.put(attribute, self._lacking(attribute))
    self._signature = table_lib.write(self.csv, self._table)
    self._journal.all_in_csv()
    took = time.monotonic() - started
    if took > _SLOW_SECONDS:
      self._save_from = time.monotonic() + _SHARE * took

  def _lacking(self, attribute: str) -> dict[str, str]:
    """What counts of another attribute's answers that the CSV may not hold yet."""
    opinions = opinions_lib.Opinions()
    for entry in self._journal.entries:
      if entry.attribute == attribute:
        opinions.take(entry)
    photos = [e.image_id for e in self._journal.lacking() if e.attribute == attribute]
    return {photo: opinions.answers.get(photo, journal_lib.NONE) for photo in photos}


def _check(csv: pathlib.Path, attribute: str, photos: Collection[str]) -> None:
  try:
    table_lib.read(csv, attribute, photos)
  except errors.UserError as error:
    if not journal_of(csv).is_file():
      raise
    raise errors.UserError(
      f"{error}; the answers given so far are not lost: they are in {journal_of(csv)}. Move "
      f"{csv} away, and the same command makes it again"
    ) from None


def journal_of(csv: pathlib.Path) -> pathlib.Path:
  """Where the answers are kept that a CSV is made of."""
  return csv.with_name(f"{csv.name}.answers")
