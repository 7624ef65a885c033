"""Every answer, one line each, in a file that only ever grows.

The CSV holds what a label is; it can't say that someone looked and could not
tell, and it is rewritten. So answers are kept here first: a line is appended
and is on the disk (fsync) before the answer counts as given. A line that was
cut off by a crash was never acknowledged, and is dropped.
"""

import dataclasses
import datetime
import fcntl
import json
import os
import pathlib
import stat

from components.shared.core import errors

YES = "yes"
NO = "no"
CANT_TELL = "can't tell"
NONE = "none"
"""Someone took the label out of the CSV: the photo is to be asked again."""
ANSWERS = (YES, NO, CANT_TELL)

LABELING = "labeling"
AUDIT = "audit"
DISPUTE = "dispute"
FROM_CSV = "csv"


@dataclasses.dataclass(frozen=True)
class Entry:
  """An answer.

  Attributes:
    attribute: what was asked.
    image_id: the photo's file name.
    answer: one of `ANSWERS`, or `NONE`.
    origin: where it comes from: `LABELING`, `AUDIT` (asked again, blind),
      `DISPUTE` (asked again, blind, because two people differ), or `FROM_CSV`
      (someone edited that file).
    in_csv: how many of the entries before this one the CSV holds for sure.
    at: when, in UTC.
    labeller: who answered; "" is the person at this machine.
    order: in which order the photo was asked, one of `order.ORDERS`; "" where
      that is not known.
    note: what the labeller wrote about the photo.
  """

  attribute: str
  image_id: str
  answer: str
  origin: str
  in_csv: int
  at: str
  labeller: str = ""
  order: str = ""
  note: str = ""


@dataclasses.dataclass(frozen=True)
class _Closed:
  """The last line of a session that ended in peace."""

  in_csv: int


class Journal:
  """The file, held against other processes while it is open.

  Attributes:
    path: of the file.
    entries: all answers so far, to all attributes, in their order.
    in_csv: how many of them the CSV holds for sure.
  """

  def __init__(self, path: pathlib.Path, csv: pathlib.Path):
    """Opens the file, makes it if need be, and drops a line that was cut off.

    Args:
      path: of the file.
      csv: of the labels; named in errors.

    Raises:
      UserError: another process has it open, it can't be written, or a line
        is no answer.
    """
    self.path = path
    self._csv = csv
    is_new = not path.exists()
    try:
      self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, 0o644)
      if not stat.S_ISREG(os.fstat(self._file).st_mode):
        os.close(self._file)
        raise OSError(22, "it is no file")
    except OSError as error:
      raise errors.UserError(
        f"{path}: can't be written ({error.strerror}); every answer is kept "
        "there first, so name a place that can, with --labels"
      ) from None
    try:
      self._claim()
      self.entries, self.in_csv, self._size = self._read()
      self._written_in_csv = self.in_csv
      if os.fstat(self._file).st_size > self._size:
        os.ftruncate(self._file, self._size)
      if is_new:
        sync_folder(path.parent)
    except BaseException:
      os.close(self._file)
      raise

  def append(
    self,
    attribute: str,
    image_id: str,
    answer: str,
    origin: str,
    labeller: str = "",
    order: str = "",
    note: str = "",
  ) -> Entry:
    """Writes an answer; on return it is on the disk.

    Args: as in `Entry`.

    Raises:
      UserError: it can't be written; then there is nothing of it.
    """
    entry = Entry(
      attribute,
      image_id,
      answer,
      origin,
      self.in_csv,
      datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
      labeller,
      order,
      note,
    )
    self._write(entry)
    self.entries.append(entry)
    return entry

  def lacking(self) -> list[Entry]:
    """The entries that the CSV may not hold yet."""
    return self.entries[self.in_csv :]

  def all_in_csv(self) -> None:
    """To be called once the CSV was written with all entries."""
    self.in_csv = len(self.entries)

  def close(self) -> None:
    """Writes down what the CSV holds, and lets others have the file."""
    try:
      if self.in_csv > self._written_in_csv:
        self._write(_Closed(self.in_csv))
    finally:
      os.close(self._file)

  def _claim(self) -> None:
    try:
      fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      raise errors.UserError(
        f"{self._csv}: someone is labelling into this file at the moment; "
        "stop that first, or name another file with --labels"
      ) from None
    except OSError as error:
      raise errors.UserError(
        f"{self.path}: can't be locked here ({error.strerror}); name a file "
        "on another disk with --labels"
      ) from None

  def _read(self) -> tuple[list[Entry], int, int]:
    """Entries, how many of them are in the CSV, and the bytes they take."""
    with open(self._file, "rb", closefd=False) as file:
      lines = file.read().splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):
      lines.pop()
    entries: list[Entry] = []
    in_csv = 0
    for number, line in enumerate(lines, start=1):
      parsed = _parse(line)
      if parsed is None or not 0 <= parsed.in_csv <= len(entries):
        raise errors.UserError(
          f"{self.path}, line {number}: is no answer; this file belongs to "
          f"{self._csv.name} and is not to be edited: mend the line, or move "
          "the file away and keep what the CSV holds"
        )
      in_csv = parsed.in_csv
      if isinstance(parsed, Entry):
        entries.append(parsed)
    return entries, in_csv, sum(map(len, lines))

  def _write(self, record: Entry | _Closed) -> None:
    line = json.dumps(dataclasses.asdict(record)).encode() + b"\n"
    try:
      if not os.path.samestat(os.fstat(self._file), os.stat(self.path)):
        raise FileNotFoundError(2, "it was moved or replaced")
      if os.write(self._file, line) != len(line):
        raise OSError(28, "no room for a whole line")
      os.fsync(self._file)
    except OSError as error:
      os.ftruncate(self._file, self._size)
      raise errors.UserError(
        f"{self.path}: the answer can't be kept ({error.strerror}); make "
        "room or put the file back, and answer again"
      ) from None
    self._size += len(line)
    self._written_in_csv = record.in_csv


def sync_folder(folder: pathlib.Path) -> None:
  """Makes what was created or renamed in a folder survive a power cut."""
  descriptor = os.open(folder, os.O_RDONLY)
  try:
    os.fsync(descriptor)
  finally:
    os.close(descriptor)


def _parse(line: bytes) -> Entry | _Closed | None:
  """An `Entry` or `_Closed`, None for anything else."""
  try:
    fields = json.loads(line)
    parsed = (Entry if "answer" in fields else _Closed)(**fields)
  except (ValueError, TypeError, RecursionError):
    return None
  if not isinstance(parsed.in_csv, int):
    return None
  if isinstance(parsed, Entry) and (
    parsed.answer not in (*ANSWERS, NONE)
    or not all(isinstance(text, str) for name, text in vars(parsed).items() if name != "in_csv")
  ):
    return None
  return parsed


def cell(answer: str | None) -> str:
  """An answer as the CSV says it."""
  return {YES: "1", NO: "0"}.get(answer, "")
