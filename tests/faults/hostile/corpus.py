"""All hostile cases, and a selection of them."""

import functools
import random
import re
from collections.abc import Sequence

from tests.faults.hostile import (
  cases,
  config_cases,
  package_cases,
  photo_cases,
  source_cases,
  text_cases,
  weight_cases,
)

_PARTS = (photo_cases, source_cases, text_cases, config_cases, weight_cases, package_cases)


@functools.lru_cache(None)
def everything() -> Sequence[cases.Case]:
  """Every case, always in the same order."""
  found = [case for part in _PARTS for case in part.all_cases()]
  cases.check_names(found)
  return tuple(found)


def selection(count: int, seed: int = 0) -> Sequence[cases.Case]:
  """Some of them: of every kind its share, and one at least."""
  by_kind: dict[str, list[cases.Case]] = {}
  for case in everything():
    by_kind.setdefault(case.kind, []).append(case)
  chosen = []
  for kind, found in by_kind.items():
    share = max(1, round(count * len(found) / len(everything())))
    chosen += random.Random(f"{seed} {kind}").sample(found, share)
  return chosen


def is_large(case: cases.Case) -> bool:
  """Whether to make it takes seconds."""
  return (
    re.search(r"million|\d [GMT]B|megapixel|\d,000|\d0 x|of 100 MB|[0-9]{4,}", case.name)
    is not None
  )
