"""Annotations, lists of photos, tables, journals, addresses and notes."""

import itertools
import json
from collections.abc import Callable, Iterator

from tests.faults.hostile import cases

_SOUND = "image_id,Smiling,Male\na.jpg,1,0\nb.jpg,-1,\n"
_CELEBA = "2\nSmiling Male\na.jpg 1 -1\nb.jpg -1 1\n"
_MANY = 10_000_000
Text = str | bytes | Callable[[], bytes]


def all_cases() -> Iterator[cases.Case]:
  """Every case, always the same."""
  return itertools.chain(
    _tables("labels"),
    _tables("table"),
    _celeba(),
    _splits(),
    _ranges(),
    _journals(),
    _urls(),
    _run_folders(),
    _notes(),
    _requests(),
  )


def _text(
  name: str, kind: str, outcome: str, text: Text, reason: str = "", file: str = "labels.csv"
) -> cases.Case:
  def content() -> bytes:
    made = text() if callable(text) else text
    return made.encode() if isinstance(made, str) else made

  return cases.of_bytes(name, kind, outcome, file, content, reason)


def _tables(kind: str) -> Iterator[cases.Case]:
  """A CSV; `table` is the reader of the labelling page."""
  for name, text in (
    ("sound", _SOUND),
    ("with a BOM", "\ufeff" + _SOUND),
    ("with CRLF", _SOUND.replace("\n", "\r\n")),
    ("with quotes", '"image_id","Smiling"\n"a.jpg","1"\n'),
    ("with blank lines", "image_id,Smiling\n\n\na.jpg,1\n\n"),
    ("with blanks", " image_id , Smiling \n a.jpg , 1 \n"),
    ("without a last newline", "image_id,Smiling\na.jpg,1"),
    ("with Unicode", "image_id,Smiling,Ünï ✓\na.jpg,1,0\n"),
    ("of no rows", "image_id,Smiling\n"),
    ("a column without a name", "image_id,Smiling,\na.jpg,1,1\n"),
    ("with semicolons", "image_id;Smiling\na.jpg;1\n"),
    ("with mixed ends of lines", "image_id,Smiling\r\na.jpg,1\nb.jpg,0\r"),
  ):
    yield _text(name, kind, cases.ACCEPTED, text)
  for name, text in (
    ("empty", ""),
    ("one newline", "\n"),
    ("only a BOM", "\ufeff"),
    ("no header", "a.jpg,1\n"),
    ("another header", "who,Smiling\n"),
    ("only image_id", "image_id\na.jpg\n"),
    ("too few values", "image_id,Smiling,Male\na.jpg,1\n"),
    ("too many values", "image_id,Smiling\na.jpg,1,0\n"),
    ("twice", "image_id,Smiling\na.jpg,1\na.jpg,1\n"),
    ("no label", "image_id,Smiling\na.jpg,perhaps\n"),
    ("a formula", "image_id,Smiling\na.jpg,=1+1\n"),
    ("a label of 1 MB", "image_id,Smiling\na.jpg," + "1" * 1_000_000),
    ("columns alike", "image_id,Smiling,Smiling\na.jpg,1,1\n"),
    ("an open quote", 'image_id,Smiling\n"a.jpg,1\n'),
    ("a quote within", 'image_id,Smiling\n"a".jpg,1\n'),
    ("an open quote, then 50 MB", lambda: b'image_id,Smiling\n"a.jpg' + b",1\n" * 16_000_000),
    ("UTF-16 without a BOM", _SOUND.encode("utf-16-le")),
    ("Latin-1", "image_id,Smiling\nü.jpg,1\n".encode("latin-1")),
    ("mixed encodings", _SOUND.encode() + "ü".encode("latin-1")),
    ("a surrogate", b"image_id,Smiling\n\xed\xa0\x80.jpg,1\n"),
    ("a zip", b"PK\x03\x04" + bytes(100)),
    ("50 MB of zeros", lambda: bytes(50_000_000)),
    ("50 MB on one line", lambda: b"image_id,Smiling\na.jpg,1" + b" " * 50_000_000),
    ("a header of 50 MB", lambda: b"image_id," + b"S" * 50_000_000),
    (
      "10 million columns",
      lambda: (
        b"image_id," + b",".join(b"%d" % i for i in range(_MANY)) + b"\na.jpg" + b",1" * _MANY
      ),
    ),
    ("10 million columns without a name", lambda: b"image_id" + b"," * _MANY),
    ("10 million values", lambda: b"image_id,Smiling\na.jpg" + b",1" * _MANY),
  ):
    yield _text(name, kind, cases.REFUSED, text)
  for name, text in (
    ("UTF-16", _SOUND.encode("utf-16")),
    ("half of UTF-16", _SOUND.encode("utf-16")[:-1]),
    ("a line sep= of a quote", 'sep="\n' + _SOUND),
    ("a line sep= alone", "sep=,\n"),
    ("an Excel file", b"PK\x03\x04" + bytes(26) + b"xl/" + bytes(1000)),
    ("NUL", "image_id,Smiling\na\0.jpg,1\n"),
    ("NULs at the end", _SOUND + "\0" * 100),
    ("a lone CR", "image_id,Smiling\ra.jpg,1\r"),
    ("two BOMs", "\ufeff\ufeff" + _SOUND),
    ("a form feed", "image_id,Smiling\na.jpg,1\x0c\n"),
    ("line separators", "image_id,Smiling\u2028\na.jpg,1\u2029\n"),
    ("newline in a name", 'image_id,Smiling\n"a\n.jpg",1\n'),
    ("CR in a name", 'image_id,Smiling\n"a\r.jpg",1\n'),
    (
      "500,000 rows",
      lambda: b"image_id,Smiling\n" + b"".join(b"%d.jpg,1\n" % i for i in range(500_000)),
    ),
    ("300,000 blank lines", b"image_id,Smiling\n" + b"\n" * 300_000),
  ):
    yield _text(name, kind, cases.EITHER, text)
  yield from cases.damaged(kind, "CSV", "labels.csv", lambda: (_SOUND * 3).encode(), 21)


def _celeba() -> Iterator[cases.Case]:
  file = "list_attr_celeba.txt"
  for name, text in (
    ("sound", _CELEBA),
    ("with a BOM", "\ufeff" + _CELEBA),
    ("with CRLF", _CELEBA.replace("\n", "\r\n")),
    ("with more photos", _CELEBA.replace("2", "3", 1) + "c.jpg 1 1\n"),
  ):
    yield _text(f"CelebA's, {name}", "labels", cases.ACCEPTED, text, file=file)
  for name, text in (
    ("a count too large", "3" + _CELEBA[1:]),
    ("a count too small", "1" + _CELEBA[1:]),
    ("a count that is superscript", "²" + _CELEBA[1:]),
    ("a count in circles", "②" + _CELEBA[1:]),
    ("a count of 5,000 digits", "9" * 5000 + _CELEBA[1:]),
    ("a count of 2 million digits", "9" * 2_000_000 + _CELEBA[1:]),
    ("a count alone", "2"),
    ("no names", "2\n\na.jpg 1\n"),
    ("names alike", "1\nSmiling Smiling\na.jpg 1 1\n"),
    ("a value too few", "1\nSmiling Male\na.jpg 1\n"),
    ("a value of 2", "1\nSmiling Male\na.jpg 1 2\n"),
    ("a photo twice", "2\nSmiling\na.jpg 1\na.jpg 1\n"),
    (
      "10 million columns",
      lambda: b"1\n" + b" ".join(b"%d" % i for i in range(_MANY)) + b"\na.jpg" + b" 1" * _MANY,
    ),
    ("50 MB on one line", lambda: b"1\nSmiling\na.jpg 1" + b" " * 50_000_000),
  ):
    yield _text(f"CelebA's, {name}", "labels", cases.REFUSED, text, file=file)
  # In Arabic digits int() reads it, too.
  yield _text(
    "CelebA's, a count in Arabic digits", "labels", cases.EITHER, "٢" + _CELEBA[1:], file=file
  )
  yield from cases.damaged("labels", "CelebA's list", file, _CELEBA.encode, 21)


def _splits() -> Iterator[cases.Case]:
  def of(name: str, outcome: str, text: Text, reason: str = "") -> cases.Case:
    return _text(name, "list", outcome, text, reason, "evaluation.txt")

  sound = "".join(f"{i:03d}.jpg\n" for i in range(6))
  for name, text in (
    ("sound", sound),
    ("with a BOM", "\ufeff" + sound),
    ("with CRLF", sound.replace("\n", "\r\n")),
    ("with blank lines", sound.replace("\n", "\n \n")),
    ("with names twice", sound + sound),
    ("../000.jpg", "../000.jpg\n" + sound),
  ):
    yield of(name, cases.ACCEPTED, text)
  for name, text in (
    ("empty", ""),
    ("an unknown name", sound + "none.jpg\n"),
    ("UTF-16", sound.encode("utf-16")),
    ("Latin-1", "ü.jpg".encode("latin-1")),
    ("NUL", "000.jpg\0\n"),
    ("200 MB of zeros", lambda: bytes(200_000_000)),
    ("a name of 100 MB", lambda: b"a" * 100_000_000),
  ):
    yield of(name, cases.REFUSED, text)
  for target in ("/dev/zero", "/dev/stdin", ".", "evaluation.txt", "/none"):

    def make(folder, target=target):
      (folder / "evaluation.txt").symlink_to(target)
      return folder / "evaluation.txt"

    yield cases.Case(f"a link to {target}", "list", cases.REFUSED, make)

  def fifo(folder):
    import os

    os.mkfifo(folder / "evaluation.txt")
    return folder / "evaluation.txt"

  yield cases.Case("a FIFO", "list", cases.REFUSED, fifo)
  yield from cases.damaged("list", "list", "evaluation.txt", sound.encode, 12)


def _ranges() -> Iterator[cases.Case]:
  for text in ("000-005", "000.jpg-005.jpg", "0-5", "000000-00005"):
    yield _text(text, "range", cases.ACCEPTED, text)
  for text in (
    "",
    "-",
    "--",
    "5-0",
    "000",
    "a-b-c",
    "-005",
    "000-",
    "٠-٥",
    "²-³",
    "0-" + "9" * 400,
    "-".join("a" * 9),
    "\0-\0",
    "@",
    "@\0",
    "@/",
    "000-005-",
    "=1-2",
    "0-5;rm -rf",
  ):
    yield _text(f"{text[:20]!r}", "range", cases.EITHER, text)
  yield _text("5,000 digits", "range", cases.EITHER, "0" * 5000 + "-" + "9" * 5000)
  yield _text("a million hyphens", "range", cases.EITHER, "-" * 1_000_000)


def _journals() -> Iterator[cases.Case]:
  entry = {
    "attribute": "Smiling",
    "image_id": "a.jpg",
    "answer": "yes",
    "origin": "labeling",
    "in_csv": 0,
    "at": "2024-01-01T00:00:00",
  }
  sound = json.dumps(entry) + "\n" + json.dumps({**entry, "image_id": "b.jpg", "in_csv": 1}) + "\n"

  def of(name: str, outcome: str, text: Text) -> cases.Case:
    return _text(name, "journal", outcome, text, file="labels.csv.answers")

  for name, text in (
    ("sound", sound),
    ("empty", ""),
    ("cut off", sound[:-10]),
    ("closed", sound + '{"in_csv": 2}\n'),
  ):
    yield of(name, cases.ACCEPTED, text)
  for name, line in (
    ("a number", "1"),
    ("null", "null"),
    ("a list", "[]"),
    ("a text", '"a"'),
    ("an empty object", "{}"),
    ("no JSON", "{"),
    ("blank", ""),
    ("nested 100,000 deep", "[" * 100_000),
    ("objects nested 100,000 deep", '{"answer":' * 100_000),
    ("a number of 5,000 digits", '{"in_csv": ' + "9" * 5000 + "}"),
    ("NaN", '{"in_csv": NaN}'),
    ("a fraction", '{"in_csv": 0.5}'),
    ("minus one", '{"in_csv": -1}'),
    ("too many", '{"in_csv": 9}'),
    ("an unknown field", json.dumps({**entry, "path": "/etc/passwd"})),
    ("an unknown answer", json.dumps({**entry, "answer": "rm"})),
    ("a list for a name", json.dumps({**entry, "image_id": ["a"]})),
    ("a number for a name", json.dumps({**entry, "image_id": 1})),
    ("a list for an answer", json.dumps({**entry, "answer": ["yes"]})),
    ("no UTF-8", b"\xff\xfe"),
    ("UTF-16", json.dumps(entry).encode("utf-16")),
    ("zeros", bytes(100)),
  ):
    raw = line.encode() if isinstance(line, str) else line
    yield of(f"a line that is {name}", cases.REFUSED, sound.encode() + raw + b"\n")
  yield from cases.damaged("journal", "journal", "labels.csv.answers", sound.encode, 24)
  for target in ("/dev/zero", "/none/none", "."):

    def make(folder, target=target):
      (folder / "labels.csv.answers").symlink_to(target)
      return folder / "labels.csv.answers"

    yield cases.Case(f"a link to {target}", "journal", cases.REFUSED, make)

  def fifo(folder):
    import os

    os.mkfifo(folder / "labels.csv.answers")
    return folder / "labels.csv.answers"

  yield cases.Case("a FIFO", "journal", cases.REFUSED, fifo)


def _urls() -> Iterator[cases.Case]:
  for text in (
    "mysql://user@host/name",
    "mysql://user@[::1]:3306/name",
    "mysql://u%2Fr@host:1/a_1",
  ):
    yield _text(text, "address", cases.ACCEPTED, text)
  for text in (
    "",
    "mysql:",
    "mysql://",
    "mysql:///",
    "mysql://host/name",
    "mysql://user@host",
    "mysql://user@host/",
    "mysql://user@/n",
    "mysql://user@host/a/b",
    "mysql://user@host/a;drop",
    "mysql://user@host/a?b",
    "mysql://user@host/a#b",
    "mysql://user@host/" + "a" * 65,
    "mysql://user@host:99999/n",
    "mysql://user@host:x/n",
    "mysql://user@host:-1/n",
    "mysql://user@[::1/n",
    "mysql://user@]/n",
    "mysql://user@[v1.a]x/n",
    "http://user@host/n",
    "host/n",
    "mysql://user@host/ü",
    "mysql://user@host/`",
    "\0",
    "@",
    "//@/",
    "mysql://user@host:²/n",
    "mysql://user@\u2100/n",
    "mysql://user@host/n\n",
  ):
    yield _text(text[:30] or "empty", "address", cases.EITHER, text)
  for text in (
    "mysql://user:SECRET@host/n",
    "mysql://user:SECRET@host:x/n",
    "mysql://user:SECRET@[/n",
    "mysql://user:SECRET@\u2100/n",
    "mysql://user:%00SECRET@host/n",
  ):
    yield _text(text.replace("SECRET", "***"), "address", cases.REFUSED, text)
  yield _text("1 MB", "address", cases.EITHER, "mysql://" + "@:/[" * 250_000)
  yield from cases.damaged(
    "address", "address", "labels.csv", lambda: b"mysql://user:SECRET@host:3306/name", 24
  )


def _run_folders() -> Iterator[cases.Case]:
  owner = {
    "source": "photos",
    "labels": None,
    "attributes": ["Male"],
    "metadata": None,
    "id": "0123abcd",
  }
  sound = json.dumps(owner)
  yield _text("sound", "run folder", cases.ACCEPTED, sound, file="run.json")
  yield _text(
    "sound, older, without an id",
    "run folder",
    cases.ACCEPTED,
    json.dumps({k: v for k, v in owner.items() if k != "id"}),
    file="run.json",
  )
  for name, text in (
    ("empty", ""),
    ("a list", "[]"),
    ("null", "null"),
    ("a number", "1"),
    ("a text", '"source"'),
    ("another's", json.dumps({**owner, "source": "other"})),
    ("cut off", sound[:-5]),
    ("no UTF-8", b"\xff"),
    ("nested 100,000 deep", "[" * 100_000),
    ("objects nested 100,000 deep", '{"a":' * 100_000),
    ("an id that is a path", json.dumps({**owner, "id": "../../etc"})),
    ("an id that is a list", json.dumps({**owner, "id": ["a"]})),
    ("an id of 1 MB", json.dumps({**owner, "id": "a" * 1_000_000})),
    ("zeros", bytes(1000)),
  ):
    yield _text(name, "run folder", cases.REFUSED, text, file="run.json")
  yield from cases.damaged("run folder", "run.json", "run.json", sound.encode, 18)


def _notes() -> Iterator[cases.Case]:
  """What the cache has written down of files."""
  record = {"file": "0/weights.h5", "size": 3, "sha256": "0" * 64, "source": None}
  part = {"etag": '"one"', "modified": None, "size": 10}
  for file, sound in (("installed.json", record), ("part.json", part), ("complete.json", record)):
    for name, text in (
      ("sound", json.dumps(sound)),
      ("empty", ""),
      ("null", "null"),
      ("a list", "[]"),
      ("a number", "7"),
      ("no UTF-8", b"\xff\xfe"),
      ("zeros", bytes(50)),
      ("nested", "[" * 100_000),
      ("a field more", json.dumps({**sound, "more": 1})),
      ("a field less", json.dumps(dict(list(sound.items())[1:]))),
      ("numbers", json.dumps({name: 5 for name in sound})),
      ("lists", json.dumps({name: [1] for name in sound})),
      ("a path outside", json.dumps({**sound, "file": "../../../outside.h5", "etag": "a\r\nb"})),
      ("an absolute path", json.dumps({**sound, "file": "/etc/hostname", "etag": "ü✓"})),
      ("NUL", json.dumps({**sound, "file": "a\0b", "etag": "\0"})),
    ):
      yield _text(f"{file}: {name}", "note", cases.ACCEPTED, text, file=file)
  yield from cases.damaged(
    "note", "installed.json", "installed.json", json.dumps(record).encode, 9, outcome=cases.ACCEPTED
  )


def _requests() -> Iterator[cases.Case]:
  """What a page posts; `refused` is an answer of 4xx."""
  for name, text in (
    ("sound", json.dumps({"code": [0.0] * 4, "positions": [None], "variations": [0.0] * 3})),
  ):
    yield _text(name, "request", cases.ACCEPTED, text, file="body.json")
  for name, text in (
    ("empty", ""),
    ("null", "null"),
    ("a list", "[]"),
    ("no JSON", "{"),
    ("nested 100,000 deep", "[" * 100_000),
    ("objects nested", '{"code":' * 100_000),
    ("NaN", '{"code": [NaN, 0], "positions": [0], "variations": [0, 0]}'),
    ("infinite", '{"code": [1e999, 0], "positions": [0]}'),
    ("too many", json.dumps({"code": [0] * 1000})),
    ("texts", json.dumps({"code": ["0", "0"]})),
    ("objects", json.dumps({"code": [{}, {}]})),
    ("a number of 400 digits", '{"code": [1' + "0" * 400 + ", 0]}"),
    ("a number of 5,000 digits", '{"code": [1' + "0" * 5000 + ", 0]}"),
    ("no UTF-8", b"\xff\xfe"),
    ("UTF-16", "{}".encode("utf-16")),
    ("a JPEG", b"\xff\xd8\xff\xe0" + bytes(100)),
  ):
    yield _text(name, "request", cases.REFUSED, text, file="body.json")
  for path in (
    "/draw/" + "9" * 5000,
    "/evaluation/" + "9" * 5000,
    "/evaluation/-1",
    "/draw/²",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static//etc/passwd",
    "/\0",
    "/%00",
    "/static/%00",
    "/draw/" + "%" * 1000,
  ):
    yield _text(f"GET {path[:30]!r}", "path", cases.REFUSED, path)
