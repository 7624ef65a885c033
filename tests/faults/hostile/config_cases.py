"""Config files and single settings."""

import itertools
from collections.abc import Callable, Iterator

from tests.faults.hostile import cases, payloads

_SOUND = "name: test\nsource:\n  path: photos\n  attributes: [Male]\n"
_LAUGHS = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + "".join(
  f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
_MERGED = "b0: &b0 {x: ha}\n" + "".join(
  f"b{i}: &b{i}\n  <<: [{', '.join([f'*b{i - 1}'] * 9)}]\n" for i in range(1, 9)
)


def all_cases() -> Iterator[cases.Case]:
  """Every case, always the same."""
  return itertools.chain(
    _files(),
    _types(),
    _settings(),
    cases.damaged("config", "config", "config.yaml", _SOUND.encode, 30),
  )


def _file(
  name: str, outcome: str, text: str | bytes | Callable, kind: str = "config"
) -> cases.Case:
  def content() -> bytes:
    made = text() if callable(text) else text
    return made.encode("utf-8", "surrogatepass") if isinstance(made, str) else made

  return cases.of_bytes(name, kind, outcome, "config.yaml", content)


def _files() -> Iterator[cases.Case]:
  for name, text in (
    ("sound", _SOUND),
    ("empty", ""),
    ("a comment", "# nothing\n"),
    ("with a BOM", "\ufeff" + _SOUND),
    ("with CRLF", _SOUND.replace("\n", "\r\n")),
    ("null", "null\n"),
    ("aliases", "source: &s {path: photos}\n"),
  ):
    yield _file(name, cases.ACCEPTED, text)
  for tag in (
    "python/object/apply:os.system",
    "python/object/new:os.system",
    "python/name:os.system",
    "python/module:os",
    "python/object:os.stat_result",
    "python/tuple",
  ):
    for place in ("{}", "name: {}", "source: {{path: {}}}"):
      yield _file(
        f"{tag} in {place}", cases.REFUSED, place.format(f"!!{tag} [{payloads.COMMAND!r}]") + "\n"
      )
  for name, text in (
    ("a billion laughs", _LAUGHS),
    ("a billion laughs for a path", _LAUGHS + "source: {path: *a11}\n"),
    ("a billion laughs for Beam's options", _LAUGHS + "runtime: {beam: *a11}\n"),
    ("a billion laughs for components' options", _LAUGHS + "runtime: {beam_of: {a: *a11}}\n"),
    ("a billion laughs for attributes", _LAUGHS + "source: {attributes: *a11}\n"),
    ("merged billions", _MERGED + "source: *b8\n"),
    ("itself", "&a [*a]"),
    ("itself for a value", "source: &a {path: *a}\n"),
    ("itself for a group", "&a {source: *a}"),
    ("itself for Beam's options", "runtime: {beam: &b [*b]}\n"),
    ("an unknown alias", "name: *a\n"),
    ("a list", "- name\n"),
    ("a number", "1\n"),
    ("a text", "name\n"),
    ("two documents", "---\n{}\n---\n{}\n"),
    ("nested 5,000 deep", "[" * 5000 + "]" * 5000),
    ("nested 100,000 deep", "{a: " * 100_000 + "}" * 100_000),
    ("nested 100,000 deep by dashes", "- " * 100_000),
    ("a number for a name", "1: 2\n"),
    ("null for a name", "null: 2\n"),
    ("a list for a name", "? [a]\n: b\n"),
    ("an object for a name", "? {a: b}\n: c\n"),
    ("a date for a name", "2001-01-01: c\n"),
    ("a number for a name inside", "source: {1: 2}\n"),
    ("a date that is none", "name: 2001-99-99\n"),
    ("a timestamp that is none", "name: !!timestamp none\n"),
    ("an integer that is none", "name: !!int none\n"),
    ("a boolean that is none", "name: !!bool none\n"),
    ("an empty hexadecimal", "name: 0x_\n"),
    ("an empty binary", "name: 0b_\n"),
    ("a fraction that is none", "name: !!float none\n"),
    ("base64 that is none", "name: !!binary a\n"),
    ("5,000 digits", "splits: {seed: 1" + "0" * 5000 + "}\n"),
    ("200,000 digits", "splits: {seed: 1" + "0" * 200_000 + "}\n"),
    ("no UTF-8", b"name: \xff\n"),
    ("UTF-16", _SOUND.encode("utf-16")),
    ("a surrogate", 'source: {path: "\\ud800"}\n'),
    ("NUL", "name: \0\n"),
    ("NUL in a path", 'source: {path: "a\\0b"}\n'),
    ("NUL in a folder", 'runtime: {output: "a\\0b"}\n'),
    ("a tab", "name:\n\t- a\n"),
    ("10 MB of zeros", lambda: bytes(10**7)),
    ("100 MB of text", lambda: b"#" + b"a" * 10**8),
    ("2 million lines", lambda: b"a: b\n" * 2_000_000),
    ("200 MB", lambda: bytes(200_000_000)),
    ("an unknown setting", "sauce: a\n"),
    ("a name that climbs", "name: ../../etc\n"),
    ("a name with a newline", 'name: "a\\nb"\n'),
    ("a name of 100 characters", f"name: {'a' * 100}\n"),
  ):
    yield _file(name, cases.REFUSED, text)
  for target in ("/dev/zero", ".", "config.yaml"):

    def make(folder, target=target):
      (folder / "config.yaml").symlink_to(target)
      return folder / "config.yaml"

    yield cases.Case(f"a link to {target}", "config", cases.REFUSED, make)


def _types() -> Iterator[cases.Case]:
  for setting in (
    "name",
    "source",
    "source.path",
    "source.attributes",
    "source.max_quarantine_share",
    "splits.max_labeled",
    "runtime.devices",
    "runtime.beam",
    "runtime.beam_of",
    "runtime.metadata",
    "generator.epochs",
  ):
    for value in (
      "[[1]]",
      "{a: {b: c}}",
      "2001-01-01",
      "!!binary aGVsbG8=",
      "!!set {a, b}",
      ".nan",
      "-.inf",
      "1e400",
      "-1",
      "true",
    ):
      *groups, last = setting.split(".")
      text = (
        "".join(f"{group}: {{" for group in groups)
        + (f"{last}: {value}")
        + "}" * len(groups)
        + "\n"
      )
      yield _file(f"{setting} is {value}", cases.EITHER, text)


def _settings() -> Iterator[cases.Case]:
  for text in (
    "name=test",
    "source.attributes=Male",
    "splits.seed=3",
    "source.path=2001-99-99",
    "source.path=0x_",
    "source.path=[a",
  ):
    yield _file(text, cases.ACCEPTED, text, "setting")
  for text in (
    "",
    "=",
    "name",
    "name=",
    "=a",
    ".=a",
    "..=a",
    "source=1",
    "source={}",
    "source.path.more=a",
    "source..path=a",
    "name=../x",
    "none=1",
    "name=!!python/object/apply:os.system [touch EXECUTED]",
    "source.path=!!python/object/apply:os.system [touch EXECUTED]",
    "source.path=!!timestamp x",
    "splits.seed=!!int x",
    "name=\0",
    "source.path=a\0b",
    "name=" + "[" * 100_000,
    "source.path=*a",
    "source.path=&a [*a]",
    "splits.seed=1" + "0" * 5000,
    "splits.seed=" + "a" * 10**6,
    "runtime.beam=--a\0",
    "runtime.devices=²",
    "runtime.devices=" + "9" * 5000,
    "a" * 10**6 + "=1",
    "a." * 100_000 + "=1",
    "source={path: {a: b}}",
  ):
    yield _file(
      repr(text[:60]) if len(text) < 100 else f"{text[:20]!r} and {len(text):,} characters",
      cases.EITHER,
      text,
      "setting",
    )
