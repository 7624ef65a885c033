"""The text of a table of annotations: CelebA's list, or CSV as spreadsheets,
pandas, R and annotation tools write it."""

import contextlib
import csv
import dataclasses
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple, TextIO

from components.shared.core import errors, file_kind

IMAGE_ID_COLUMN = "image_id"
_NAME_COLUMNS = frozenset(
  (
    *("imageid", "imagename", "imagefile", "imagefilename", "imagepath", "image", "imgid"),
    *("imgname", "imgpath", "img", "filename", "filepath", "file", "fname", "path", "photo"),
    *("photoid", "photoname"),
  )
)
_WEAK_NAME_COLUMNS = frozenset(("name", "id"))
"""Of something else if there is another."""
_SEPARATORS = ",;\t|"
_MOST_LINE = 1 << 20
"""Characters; CelebA's longest line has 700. A file that is no table has lines
without an end."""
_MOST_ATTRIBUTES = 2000
_MOST_COUNTED = 100_000
"""Lines too many that are still counted."""
_EXPECTED = f"the header {IMAGE_ID_COLUMN},<attribute>,..."


class Line(NamedTuple):
  """A photo's annotations as they are written.

  Attributes:
    number: of the line in the file, from 1.
    image_id: the photo's name, without blanks around it.
    values: in the order of the columns.
  """

  number: int
  image_id: str
  values: list[str]


@dataclasses.dataclass(frozen=True)
class Form:
  """How a table is written.

  Attributes:
    celeba: whether it is CelebA's list, which starts with a count.
    encoding: of Python's.
    separator: between columns.
    has_separator_line: whether a line `sep=;` comes first.
    place: of the column with the photos' names.
    header: all columns' names, blank ones too.
  """

  celeba: bool = False
  encoding: str = "utf-8-sig"
  separator: str = ","
  has_separator_line: bool = False
  place: int = 0
  header: tuple[str, ...] = ()


class Text(NamedTuple):
  """A table that is open.

  Attributes:
    form: how it is written.
    columns: the attributes' names.
    lines: of all photos.
  """

  form: Form
  columns: tuple[str, ...]
  lines: Iterator[Line]


@contextlib.contextmanager
def opened(stream: BinaryIO, file: str) -> Iterator[Text]:
  """Reads the header; the lines are read meanwhile.

  Args:
    stream: of the file; it can peek.
    file: its name, for messages.

  Raises:
    UserError: it is no such text, at any time.
  """
  head = stream.peek(file_kind.HEAD)[: file_kind.HEAD]  # type: ignore[attr-defined]
  encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
  kind = file_kind.of(head)
  if kind is None and encoding != "utf-16" and b"\0" in head:
    kind = "no text"
  if kind == "a web page":
    raise errors.UserError(f"{file} is {kind} instead of a table of labels; fetch it again")
  if kind == "a zip" and file.lower().endswith((".xlsx", ".xlsm")):
    kind = "an Excel file"
  if kind is not None:
    raise errors.UserError(
      f"{file} is {kind}, and labels are a text; save them as CSV in UTF-8, with {_EXPECTED}"
    )
  with io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
    try:
      yield _parse(_lines(text, file), encoding, file)
    except UnicodeError as error:
      raise errors.UserError(
        f"{file} is not text in UTF-8; save it as UTF-8 (Excel: `CSV UTF-8`)"
      ) from error
    except csv.Error as error:
      raise errors.UserError(f"{file} is not a CSV: {error}") from error


def _lines(text: TextIO, file: str) -> Iterator[str]:
  for number in itertools.count(1):
    line = text.readline(_MOST_LINE)
    if len(line) >= _MOST_LINE:
      raise errors.UserError(
        f"{file}, line {number}: is longer than {_MOST_LINE:,} characters; "
        "a line has the annotations of one photo"
      )
    if not line:
      return
    yield line


def _parse(text: Iterator[str], encoding: str, file: str) -> Text:
  first = next(text, "")
  if not first.strip():
    raise errors.UserError(
      f"{file} is empty or starts with an empty line; expected CelebA's "
      f"attribute list or a CSV with {_EXPECTED}"
    )
  if re.fullmatch("[0-9]{1,18}", first.strip()):
    columns = next(text, "").split()
    parsed = Text(
      Form(celeba=True, encoding=encoding),
      tuple(columns),
      _celeba_lines(text, int(first.strip()), file),
    )
  else:
    parsed = _parse_csv(first, text, encoding, file)
  _check_columns(parsed.columns, file)
  return parsed


def _check_columns(columns: Sequence[str], file: str) -> None:
  if len(columns) > _MOST_ATTRIBUTES:
    raise errors.UserError(
      f"{file}: it has {len(columns):,} attributes, more than "
      f"{_MOST_ATTRIBUTES:,}; leave out those that are not needed"
    )
  twice = next((name for place, name in enumerate(columns) if name in columns[:place]), None)
  if twice is not None or not columns:
    raise errors.UserError(
      f"{file}: its attributes need names that differ, and "
      + ("there are none" if twice is None else f"two are called `{errors.shown(twice)}`")
    )


def _celeba_lines(text: Iterator[str], count: int, file: str) -> Iterator[Line]:
  found = 0
  for number, line in enumerate(text, start=3):
    fields = line.split()
    if fields:
      found += 1
      if found > count:
        found += sum(1 for line in itertools.islice(text, _MOST_COUNTED) if line.split())
        break
      yield Line(number, fields[0], fields[1:])
  if found != count:
    follow = f"{'at least ' if next(text, None) else ''}{found}"
    raise errors.UserError(
      f"{file}: its first line says {count} photos and {follow} follow; "
      "fetch the file again or correct the count"
    )


def _parse_csv(first: str, text: Iterator[str], encoding: str, file: str) -> Text:
  said = re.fullmatch(rf'"?sep=([{_SEPARATORS}])"?[,;\t]*', first.rstrip("\r\n"), re.IGNORECASE)
  if said:
    first = next(text, "")
  separator = said[1] if said else _separator(first)
  reader = csv.reader(itertools.chain([first], text), delimiter=separator, strict=True)
  header = [name.strip() for name in next(reader, [""])]
  place = _name_column(header, file, first)
  form = Form(False, encoding, separator, said is not None, place, tuple(header))
  # Excel leaves columns without a name, and R and pandas number the rows in one.
  named = [at for at, name in enumerate(header) if name and at != place]
  if not named:
    raise _no_header(first, file, "that has no attribute")
  columns = tuple(header[at] for at in named)
  before = 2 if said else 1
  return Text(form, columns, _csv_lines(reader, len(header), place, named, before - 1, file))


def _separator(first: str) -> str:
  """The one that makes the most columns of a header, one of which names photos."""

  def columns(separator: str) -> int:
    header = next(csv.reader([first], delimiter=separator), [])
    return len(header) if any(_known(name) for name in header) else 0

  return max(_SEPARATORS, key=columns)


def _bare(name: str) -> str:
  return re.sub("[^a-z]", "", name.strip().casefold())


def _known(name: str) -> bool:
  return _bare(name) in _NAME_COLUMNS | _WEAK_NAME_COLUMNS


def _name_column(header: Sequence[str], file: str, first: str) -> int:
  for names in ({"imageid"}, _NAME_COLUMNS, _WEAK_NAME_COLUMNS):
    found = [at for at, name in enumerate(header) if _bare(name) in names]
    if len(found) == 1:
      return found[0]
    if found:
      one, other = (errors.shown(header[at]) for at in found[:2])
      raise errors.UserError(
        f"{file}, line 1: both `{one}` and `{other}` may hold the photos' names; "
        f"call the one that does {IMAGE_ID_COLUMN}"
      )
  raise _no_header(first, file, "")


def _no_header(first: str, file: str, what: str) -> errors.UserError:
  return errors.UserError(
    f"{file}, line 1: expected {_EXPECTED} and found "
    f"`{errors.shown(first.strip())}`{what and ', '}{what}"
  )


def _csv_lines(
  reader, width: int, place: int, named: Sequence[int], before: int, file: str
) -> Iterator[Line]:
  for fields in reader:
    if not any(field.strip() for field in fields):
      continue
    number = reader.line_num + before
    while len(fields) > width and not fields[-1].strip():
      fields.pop()
    if len(fields) != width:
      raise errors.UserError(
        f"{file}, line {number}: {len(fields) - 1} values for {width - 1} attributes"
      )
    yield Line(number, fields[place].strip(), [fields[at] for at in named])
