"""The CSV of labels: one column changes, all else stays as it is."""

import csv
import dataclasses
import fcntl
import io
import os
import pathlib
import re
from collections.abc import Collection, Mapping

from components.shared.core import errors, regular_file
from components.shared.data import annotations, label_values, photo_names
from pipeline.programs.label import journal

_BOM = "\ufeff"
_MOST_BYTES = 200 << 20
"""Of 200,000 photos with 40 attributes there are 20 million."""
_ANSWERS = {1: journal.YES, 0: journal.NO, None: ""}

_ANYONE_WRITES = 0o222
"""Root may write what is read-only, and shouldn't here either."""

Signature = tuple[int, int, int] | None


@dataclasses.dataclass
class Table:
  """What a CSV holds, cell by cell.

  Attributes:
    header: the name of the photos' column, and then the others'.
    rows: by what the file calls a photo the other cells, in the file's order.
    start: a byte order mark and a line `sep=;`, if the file has them.
    newline: that ends its lines.
    separator: between its columns.
    place: of the photos' column in the file.
    called: what the file calls a photo, where that is another name.
  """

  header: list[str]
  rows: dict[str, list[str]]
  start: str = ""
  newline: str = "\n"
  separator: str = ","
  place: int = 0
  called: dict[str, str] = dataclasses.field(default_factory=dict)

  def answers(self, attribute: str) -> dict[str, str]:
    """Yes or no by photo, as far as they are known.

    Raises:
      KeyError: there is no such column.
    """
    column = self._column(attribute)
    photos = {name: photo for photo, name in self.called.items()}
    said = {photos.get(name, name): _said(cells[column]) for name, cells in self.rows.items()}
    return {photo: answer for photo, answer in said.items() if answer}

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
    for photo, answer in answers.items():
      image_id = self.called.get(photo, photo)
      if answer == journal.NONE and image_id not in self.rows:
        continue
      cells = self.rows.setdefault(image_id, [""] * (len(self.header) - 1))
      # What says the same already (-1, say) stays as someone wrote it.
      if _said(cells[column]) != _known(answer):
        cells[column] = journal.cell(answer)

  def encode(self) -> bytes:
    """The file's bytes, UTF-8."""
    text = io.StringIO()
    plain = csv.writer(text, lineterminator=self.newline, delimiter=self.separator)
    # Before Python 3.13 a CR is quoted only by who ends lines with it.
    quoting = csv.writer(
      text, lineterminator=self.newline, delimiter=self.separator, quoting=csv.QUOTE_ALL
    )
    for image_id, cells in ((self.header[0], self.header[1:]), *self.rows.items()):
      row = [*cells[: self.place], image_id, *cells[self.place :]]
      (quoting if "\r" in "".join(row) else plain).writerow(row)
    return (self.start + text.getvalue()).encode()

  def _column(self, attribute: str) -> int:
    if not self.has(attribute):
      raise KeyError(attribute)
    return self.header.index(attribute, 1) - 1


def _said(cell: str) -> str:
  return _ANSWERS[label_values.read(cell)]


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


def read(path: pathlib.Path, attribute: str, photos: Collection[str] = ()) -> Table:
  """Reads a CSV and checks the cells of one attribute.

  Args:
    path: of the CSV.
    attribute: whose cells are checked.
    photos: names of photos, which the file may call otherwise.

  Raises:
    UserError: it can't be read, is no such CSV, a photo has two rows, a row
      another width than the header, or a label is none.
  """
  file = annotations.AnnotationFile(str(path))
  form = file.form()
  try:
    text = regular_file.read(path, _MOST_BYTES).decode()
  except (OSError, ValueError) as error:
    raise errors.UserError(f"{path}: can't be read ({error}); save it as a CSV in UTF-8") from None
  start, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
  if form.has_separator_line:
    end = re.search(r"\r\n|\r|\n", text).end()
    start, text = start + text[:end], text[end:]
  first = text.split("\n", 1)[0]
  if form.celeba:
    raise errors.UserError(
      f"{path}: is CelebA's attribute list, which is not written to; name a "
      "CSV of your own with --labels"
    )
  try:
    header, *lines = _lines(text, form.separator)
  except csv.Error as error:
    raise errors.UserError(f"{path}: is not a CSV ({error})") from None
  except ValueError:
    raise errors.UserError(f"{path}: holds no header") from None
  header = [name.strip() for name in header]
  width = len(header)
  header.insert(0, header.pop(form.place))
  newline = "\r\n" if first.endswith("\r") else "\n"
  table = Table(header, {}, start, newline, form.separator, form.place)
  names = photo_names.PhotoNames(photos)
  for number, fields in enumerate(lines, start=2):
    where = f"{path}, row {number}"
    while len(fields) > width and not fields[-1].strip():
      fields.pop()
    if len(fields) != width:
      raise errors.UserError(f"{where}: {len(fields) - 1} values for {width - 1} attributes")
    image_id = fields.pop(form.place).strip()
    if image_id in table.rows:
      raise errors.UserError(
        f"{where}: `{errors.shown(image_id)}` is listed twice; keep one row for each photo"
      )
    table.rows[image_id] = fields
    _note_name(table, image_id, names, where)
    _check_label(table, image_id, attribute, where)
  return table


def _lines(text: str, separator: str) -> list[list[str]]:
  lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
  return [fields for fields in lines if any(field.strip() for field in fields)]


def _note_name(table: Table, image_id: str, names: photo_names.PhotoNames, where: str) -> None:
  try:
    photo = names.find(image_id)
  except photo_names.Ambiguous as error:
    raise errors.UserError(f"{where}: {error}; write the file's name as it is") from None
  if photo is None or photo == image_id and photo not in table.called:
    return
  if photo in table.rows and photo != image_id or photo in table.called:
    other = table.called.get(photo, image_id)
    raise errors.UserError(
      f"{where}: `{errors.shown(photo)}` is listed twice, as `{errors.shown(other)}`, too; keep "
      "one row for each photo"
    )
  table.called[photo] = image_id


def _check_label(table: Table, image_id: str, attribute: str, where: str) -> None:
  if not table.has(attribute):
    return
  try:
    label_values.read(table.rows[image_id][table.header.index(attribute, 1) - 1])
  except ValueError as error:
    raise errors.UserError(f"{where}: {attribute} is {error}") from None


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
