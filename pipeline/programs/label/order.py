"""Which photo is asked next."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence

INFORMATIVE = "informative"
RANDOM = "random"
NAME = "name"
ORDERS = (INFORMATIVE, RANDOM, NAME)

MOST_SCORED = 1000
"""As many photos at most are looked at by the model beforehand."""


EVALUATION_SHARE = 0.2
"""Of photos, kept for evaluation unless a run's settings say otherwise."""


def mixed(evaluation: Sequence[str], learning: Sequence[str]) -> list[str]:
  """Both sequences in one, so that whoever stops early has answered of each its
  share; what is left of the longer one comes last."""
  every = round(1 / EVALUATION_SHARE)
  evaluation, learning = iter(evaluation), iter(learning)
  found: list[str] = []
  while True:
    turn = [*itertools.islice(learning, every - 1), *itertools.islice(evaluation, 1)]
    if not turn:
      return found
    found += turn


def shuffled(image_ids: Sequence[str], seed: int) -> list[str]:
  """By a hash of the name: photos that come or go leave the others' order."""
  return sorted(
    image_ids,
    key=lambda image_id: (
      hashlib.blake2b(image_id.encode(), digest_size=8, key=str(seed).encode()).digest(),
      image_id,
    ),
  )


def to_score(image_ids: Sequence[str], seed: int) -> list[str]:
  """The photos whose probabilities `arrange` wants: all, or as many as can be
  scored while someone waits, drawn at random."""
  return shuffled(image_ids, seed)[:MOST_SCORED]


def arrange(
  image_ids: Sequence[str], order: str, seed: int, probabilities: Mapping[str, float] | None = None
) -> list[str]:
  """Photos in the order in which they are asked.

  Args:
    image_ids: their names.
    order: `INFORMATIVE`: those first whose probability is closest to a half
      (uncertainty sampling: Lewis & Gale 1994, "A Sequential Algorithm for
      Training Text Classifiers"), the others at random after them; `RANDOM`;
      or `NAME`.
    seed: of what is random.
    probabilities: of having the attribute, for `INFORMATIVE`.
  """
  if order == NAME:
    return sorted(image_ids)
  drawn = shuffled(image_ids, seed)
  if order == RANDOM:
    return drawn
  probabilities = probabilities or {}
  scored = [image_id for image_id in drawn if image_id in probabilities]
  return sorted(scored, key=lambda image_id: abs(probabilities[image_id] - 0.5)) + [
    image_id for image_id in drawn if image_id not in probabilities
  ]
