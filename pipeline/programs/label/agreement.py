"""How far two labellers agree."""

import collections
import itertools
import math
from collections.abc import Mapping
from typing import Any

from pipeline.programs.label import journal

_CLASSES = (journal.YES, journal.NO)
_Z = 1.959964
"""Of a 95% interval."""


def of_pairs(of_labellers: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
  """Agreement of each two labellers on photos that both call yes or no.

  Cohen's kappa (1960) is the share of equal answers beyond what chance gives,
  as a share of all there is beyond it. Its interval is that of the share, after
  Wilson (1927), with chance held fixed: it claims no certainty where few photos
  were all answered alike.

  Args:
    of_labellers: by photo, what each labeller said.

  Returns:
    For each pair with photos in common `labellers` (two names), `photos`,
    `agree` (how many), `kappa` and `interval` (two numbers); the last two are
    None where one class alone was used.
  """
  answers: dict[tuple[str, str], list[tuple[str, str]]] = collections.defaultdict(list)
  for of_photo in of_labellers.values():
    known = sorted((who, said) for who, said in of_photo.items() if said in _CLASSES)
    for (first, one), (second, other) in itertools.combinations(known, 2):
      answers[first, second].append((one, other))
  return [
    {"labellers": [name or "here" for name in pair], **kappa(both)}
    for pair, both in sorted(answers.items())
  ]


def kappa(pairs: list[tuple[str, str]]) -> dict[str, Any]:
  """See `of_pairs`, of one pair's answers."""
  n = len(pairs)
  agree = sum(one == other for one, other in pairs)
  chance = sum(
    sum(one == answer for one, _ in pairs) * sum(other == answer for _, other in pairs) / n**2
    for answer in _CLASSES
  )
  found = {"photos": n, "agree": agree, "kappa": None, "interval": None}
  if chance < 1:
    found["kappa"] = (agree / n - chance) / (1 - chance)
    found["interval"] = [(share - chance) / (1 - chance) for share in _wilson(agree, n)]
  return found


def _wilson(successes: int, n: int) -> tuple[float, float]:
  share, square = successes / n, _Z**2 / n
  middle = share + square / 2
  half = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n))
  return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))


def line(pair: Mapping[str, Any]) -> str:
  """A pair's agreement for people."""
  text = (
    f"{' and '.join(pair['labellers'])} agree on {pair['agree']} of {pair['photos']} photos "
    "that both answered"
  )
  if pair["kappa"] is None:
    return text
  low, high = pair["interval"]
  return f"{text}; Cohen's kappa {pair['kappa']:.2f} (95% interval {low:.2f} to {high:.2f})"
