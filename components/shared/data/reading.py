"""What a source's labels are, and what came of reading it, for people: no photo and no column
disappears without a word."""

import collections
from collections.abc import Iterator, Sequence

from components.shared.core import errors
from components.shared.data import annotations, feature_names, source
from components.shared.data import splits as splits_lib

_MOST_NOTES = 5


def labels(
  opened: source.Source, learned: Sequence[str], others: tuple[str, ...] | None
) -> tuple[tuple[str, ...], annotations.Table]:
  """The annotations of a source, and which of them are kept besides those to learn.

  Args:
    opened: the source.
    learned: columns to learn.
    others: further ones to keep; None: all that hold labels.

  Returns:
    The others, and the table.

  Raises:
    UserError: a column that is named is not there, or holds no labels.
  """
  taken = feature_names.feature_names(learned)
  for name in others or ():
    if name not in opened.attributes:
      raise errors.UserError(
        f"{opened.labels}: no annotation {name}, which evaluation.slices names"
      )
    if name in taken:
      raise errors.UserError(
        f"{opened.labels}: `{name}` is a name that the pipeline uses itself; rename that column"
      )
  table = opened.table(needed=(*learned, *(others or ())))
  kept = [name for name in table.attributes if name not in taken] if others is None else others
  return tuple(name for name in kept if name not in learned), table


def told(
  opened: source.Source, table: annotations.Table, assigned: Sequence[splits_lib.Assigned]
) -> tuple[str, ...]:
  """Lines that account for every photo.

  Args:
    opened: the source.
    table: its annotations.
    assigned: each photo's place; its labels are those of the attributes to learn.
  """
  return (*source_lines(opened, table), *_places(assigned))


def source_lines(opened: source.Source, table: annotations.Table) -> Iterator[str]:
  """Lines that account for a source's files and for the columns and rows of its labels."""
  yield opened.describe()
  count = len(table.attributes)
  facts = [f"{count} annotation{'' if count == 1 else 's'}"]
  if table.elsewhere:
    facts.append(f"{table.elsewhere:,} rows are of photos that are not here")
  if table.renamed:
    facts.append(f"{table.renamed:,} rows write their photo's name in another way")
  if table.notes:
    facts.append(f"not read: {_notes(table)}")
  yield f"{opened.labels}: {'; '.join(facts)}"


def _places(assigned: Sequence[splits_lib.Assigned]) -> Iterator[str]:
  by_split = collections.Counter(photo.split for photo in assigned)
  for split in feature_names.REAL_SPLITS:
    yield f"{split}: {by_split[split]:,} photos{_classes(split, assigned)}"
  if by_split[None]:
    yield f"{by_split[None]:,} photos are reserved for evaluation and have no label"


def _notes(table: annotations.Table) -> str:
  shown = [f"{errors.shown(name)} ({why})" for name, why in table.notes.items()]
  more = len(shown) - _MOST_NOTES
  return ", ".join(shown[:_MOST_NOTES]) + (f" and {more} more columns" if more > 0 else "")


def _classes(split: str, assigned: Sequence[splits_lib.Assigned]) -> str:
  """Yes and no of each attribute; `unlabeled` may know none."""
  if split == feature_names.UNLABELED:
    return ""
  labels = [photo.labels for photo in assigned if photo.split == split]
  return "".join(
    f", {sum(values):,} yes and {len(values) - sum(values):,} no"
    for values in zip(*labels, strict=True)
  )
