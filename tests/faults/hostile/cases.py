"""What a hostile case is."""

import dataclasses
import functools
import pathlib
import random
from collections.abc import Callable, Iterable, Iterator

ACCEPTED = "accepted"
SET_ASIDE = "set aside"
REFUSED = "refused"
EITHER = "accepted or refused"
"""A flipped bit may hit what nobody reads."""


@dataclasses.dataclass(frozen=True)
class Case:
  """An input, and what has to become of it.

  Attributes:
    name: says what is wrong with it; unique within its kind.
    kind: of entry point, a key of `entries.ENTRIES`.
    outcome: `ACCEPTED`; `SET_ASIDE`, with a PhotoError's reason; `REFUSED`,
      with a UserError; or `EITHER` of accepted and one of the others.
    make: writes it into an empty folder and returns what is handed over.
    reason: a pattern that the reason has to match.
  """

  name: str
  kind: str
  outcome: str
  make: Callable[[pathlib.Path], pathlib.Path]
  reason: str = ""


def of_bytes(
  name: str, kind: str, outcome: str, file: str, content: Callable[[], bytes], reason: str = ""
) -> Case:
  """A case that is one file."""

  def make(folder: pathlib.Path) -> pathlib.Path:
    path = folder / file
    path.write_bytes(content())
    return path

  return Case(name, kind, outcome, make, reason)


def damaged(
  kind: str,
  what: str,
  file: str,
  data: Callable[[], bytes],
  count: int,
  within: int = 0,
  outcome: str = EITHER,
) -> Iterator[Case]:
  """Cut off, with bits turned, with a part overwritten: a third of each.

  Args:
    kind: of entry point.
    what: is damaged, for the cases' names.
    file: its name.
    data: the sound file.
    count: of cases.
    within: bits are turned in the first so many bytes; 0: in all.
    outcome: what has to become of them.
  """
  for number in range(count):
    name, damage = (
      ("cut off", _cut_off),
      (
        f"bits turned within {within}" if within else "bits turned",
        functools.partial(_turned, within=within),
      ),
      ("overwritten in part", _overwritten),
    )[number % 3]
    yield of_bytes(
      f"{what}, {name}, {number}",
      kind,
      outcome,
      file,
      lambda damage=damage, number=number: damage(data(), random.Random(f"{what} {number}")),
    )


def _cut_off(data: bytes, rng: random.Random) -> bytes:
  return data[: rng.randrange(len(data))]


def _turned(data: bytes, rng: random.Random, within: int) -> bytes:
  damaged_bytes = bytearray(data)
  for _ in range(rng.choice([1, 3, 20])):
    place = rng.randrange(min(within, len(data)) if within else len(data))
    damaged_bytes[place] ^= 1 << rng.randrange(8)
  return bytes(damaged_bytes)


def _overwritten(data: bytes, rng: random.Random) -> bytes:
  start = rng.randrange(len(data))
  length = rng.randrange(1, 1 + min(400, len(data) - start))
  filler = rng.choice([bytes(length), b"\xff" * length, rng.randbytes(length)])
  return data[:start] + filler + data[start + length :]


def check_names(cases: Iterable[Case]) -> None:
  """Raises ValueError if two cases of a kind have one name."""
  seen = set()
  for case in cases:
    if (case.kind, case.name) in seen:
      raise ValueError(f"{case.kind}: {case.name} is there twice")
    seen.add((case.kind, case.name))
