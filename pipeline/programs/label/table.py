"""The CSV of labels: one column changes, all else stays as it is."""

import csv
import dataclasses
import fcntl
import io
import os
import pathlib
from collections.abc import Mapping

from components.shared.core import errors, regular_file
from components.shared.data import annotations
from pipeline.programs.label import journal

_BOM = "\ufeff"
_MOST_BYTES = 200 << 20
"""Of 200,000 photos with 40 attributes there are 20 million."""
_ANSWERS = {"1": journal.YES, "0": journal.NO, "-1": journal.NO}

_ANYONE_WRITES = 0o222
"""Root may write what is read-only, and shouldn't here either."""

Signature = tuple[int, int, int] | None


@dataclasses.dataclass
class Table:
  """What a CSV holds, cell by cell.

  Attributes:
    header: `image_id` and the attributes.
    rows: by image_id the other cells, in the file's order.
    start: a byte order mark, if the file has one.
    newline: that ends its lines.
  """

  header: list[str]
  rows: dict[str, list[str]]
  start: str = ""
  newline: str = "\n"

  def answers(self, attribute: str) -> dict[str, str]:
    """Yes or no by photo, as far as they are known.

    Raises:
      KeyError: there is no such column.
    """
    column = self._column(attribute)
    return {
      image_id: _ANSWERS[cells[column].strip()]
      for image_id, cells in self.rows.items()
      if cells[column].strip()
    }

  def has(self, attribute: str) -> bool:
    """Whether there is a column of that name."""
    return attribute in self.header[1:]

  def put(self, attribute: str, answers: Mapping[str, str]) -> None:
    """Writes answers into their cells; a new column or row where need be."""
    if not self.has(attribute):
      self.header.append(attribute)
      for cells in self.rows.values():
        cells.append("")
    column = self._column(attribute)
    for image_id, answer in answers.items():
      if answer == journal.NONE and image_id not in self.rows:
        continue
      cells = self.rows.setdefault(image_id, [""] * (len(self.header) - 1))
      # What says the same already (-1, say) stays as someone wrote it.
      if _ANSWERS.get(cells[column].strip(), "") != _known(answer):
        cells[column] = journal.cell(answer)

  def encode(self) -> bytes:
    """The file's bytes, UTF-8."""
    text = io.StringIO()
    plain = csv.writer(text, lineterminator=self.newline)
    # Before Python 3.13 a CR is quoted only by who ends lines with it.
    quoting = csv.writer(text, lineterminator=self.newline, quoting=csv.QUOTE_ALL)
    plain.writerow(self.header)
    for image_id, cells in self.rows.items():
      row = [image_id, *cells]
      (quoting if "\r" in "".join(row) else plain).writerow(row)
    return (self.start + text.getvalue()).encode()

  def _column(self, attribute: str) -> int:
    if not self.has(attribute):
      raise KeyError(attribute)
    return self.header.index(attribute, 1) - 1


def _known(answer: str) -> str:
  return answer if answer in (journal.YES, journal.NO) else ""


def empty() -> Table:
  """Of no photo and no attribute."""
  return Table([annotations.IMAGE_ID_COLUMN], {})


def signature(path: pathlib.Path) -> Signature:
  """Changes when someone writes the file; None where there is none."""
  try:
    status = os.stat(path)
  except FileNotFoundError:
    return None
  return status.st_ino, status.st_size, status.st_mtime_ns


def read(path: pathlib.Path, attribute: str) -> Table:
  """Reads a CSV and checks the cells of one attribute.

  Raises:
    UserError: it can't be read, is no such CSV, a photo has two rows, a row
      another width than the header, or a label is none.
  """
  file = annotations.AnnotationFile(str(path))
  file.attributes()
  try:
    text = regular_file.read(path, _MOST_BYTES).decode()
  except (OSError, ValueError) as error:
    raise errors.UserError(f"{path}: can't be read ({error}); save it as a CSV in UTF-8") from None
  start, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
  first = text.split("\n", 1)[0]
  if first.strip().isdigit():
    raise errors.UserError(
      f"{path}: is CelebA's attribute list, which is not written to; name a "
      "CSV of your own with --labels"
    )
  try:
    header, *lines = _lines(text)
  except csv.Error as error:
    raise errors.UserError(f"{path}: is not a CSV ({error})") from None
  except ValueError:
    raise errors.UserError(f"{path}: holds no header") from None
  header = [name.strip() for name in header]
  table = Table(header, {}, start, "\r\n" if first.endswith("\r") else "\n")
  for number, fields in enumerate(lines, start=2):
    where = f"{path}, row {number}"
    image_id = fields[0].strip()
    if image_id in table.rows:
      raise errors.UserError(
        f"{where}: `{errors.shown(image_id)}` is listed twice; keep one row for each photo"
      )
    if len(fields) != len(header):
      raise errors.UserError(f"{where}: {len(fields) - 1} values for {len(header) - 1} attributes")
    table.rows[image_id] = fields[1:]
    _check_label(table, image_id, attribute, where)
  return table


def _lines(text: str) -> list[list[str]]:
  return [fields for fields in csv.reader(io.StringIO(text, newline=""), strict=True) if fields]


def _check_label(table: Table, image_id: str, attribute: str, where: str) -> None:
  if not table.has(attribute):
    return
  label = table.rows[image_id][table.header.index(attribute, 1) - 1].strip()
  if label and label not in _ANSWERS:
    raise errors.UserError(
      f"{where}: {attribute} is `{errors.shown(label)}`; a label is 1, 0, -1 "
      "(the same as 0) or blank (unknown)"
    )


def check_writable(path: pathlib.Path) -> None:
  """Whether a CSV may be replaced now.

  Raises:
    UserError: its folder is missing or can't be written, it is no file or
      read-only, or another program has it open or locked.
  """
  if not path.parent.is_dir():
    raise errors.UserError(
      f"{path}: there is no folder {path.parent}; make it, or name another file with --labels"
    )
  if path.exists() and not path.is_file():
    raise errors.UserError(f"{path}: is no file; name another with --labels")
  read_only = path.exists() and not (
    os.access(path, os.W_OK) and path.stat().st_mode & _ANYONE_WRITES
  )
  if read_only or not os.access(path.parent, os.W_OK):
    raise errors.UserError(
      f"{path}: is read-only; allow writing, or name another file with --labels"
    )
  if path.with_name(f".~lock.{path.name}#").exists():
    raise errors.UserError(f"{path}: is open in LibreOffice; close it there")
  if path.exists() and _is_locked(path):
    raise errors.UserError(f"{path}: another program has locked it; close it there")


def _is_locked(path: pathlib.Path) -> bool:
  try:
    with open(path, "rb") as file:
      fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
  except BlockingIOError:
    return True
  except OSError:  # A disk that knows no locks.
    pass
  return False


def write(path: pathlib.Path, table: Table) -> Signature:
  """Replaces a CSV whole or not at all; on return it is on the disk.

  For the only writer: what a crash leaves behind is overwritten next time.

  Returns:
    The new file's signature.

  Raises:
    UserError: see `check_writable`; the disk is full.
  """
  check_writable(path)
  unfinished = path.with_name(f".{path.name}.unfinished")
  try:
    with open(unfinished, "wb") as file:
      os.chmod(unfinished, path.stat().st_mode & 0o777 if path.exists() else 0o644)
      file.write(table.encode())
      file.flush()
      os.fsync(file.fileno())
    written = signature(unfinished)
    os.replace(unfinished, path)
    journal.sync_folder(path.parent)
  except OSError as error:
    unfinished.unlink(missing_ok=True)
    raise errors.UserError(f"{path}: can't be written ({error.strerror})") from None
  return written
