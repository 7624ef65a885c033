"""Everything about the photos that is known before one of them is opened."""

import hashlib
from typing import NamedTuple

from components.shared.core import errors
from components.shared.data import annotations, reading, source, sources
from components.shared.data import settings as settings_lib
from components.shared.data import splits as splits_lib


class Plan(NamedTuple):
  """A checked source and each photo's place.

  Attributes:
    source: where to read the photos.
    attributes: names of the annotations to learn, in the order of
      `Assigned.labels`.
    others: names of the further ones, in the order of `Assigned.others`.
    assigned: one element for each photo.
    told: lines for people: what was read and what was left out.
  """

  source: source.Source
  attributes: tuple[str, ...]
  others: tuple[str, ...]
  assigned: list[splits_lib.Assigned]
  told: tuple[str, ...] = ()


def make(
  settings: settings_lib.SourceSettings,
  splits: settings_lib.SplitSettings,
  others: tuple[str, ...] | None = None,
) -> Plan:
  """Opens the source, reads all annotations and divides the photos.

  Args:
    settings: where the photos and annotations are.
    splits: how to divide them.
    others: annotations to keep besides those to learn; None: all.

  Raises:
    UserError: anything that is wrong with them and can be seen without
      decoding a photo; nothing has been written by then.
  """
  opened = sources.open_source(settings)
  others, table = reading.labels(opened, settings.attributes, others)
  kept = (*settings.attributes, *others)
  rows = (
    source.Row(row.image_id, {name: row.annotations[name] for name in kept})
    for row in opened.rows(table)
  )
  try:
    assigned = splits_lib.assign_splits(rows, settings.attributes, splits)
  except errors.UserError as error:
    read = "; ".join(reading.source_lines(opened, table))
    raise errors.UserError(f"{error} (read: {read})") from None
  return Plan(opened, settings.attributes, others, assigned, reading.told(opened, table, assigned))


def fingerprint(settings: settings_lib.SourceSettings, splits: settings_lib.SplitSettings) -> str:
  """Changes with any photo, the annotations and the files of `@FILE`.

  Returns:
    Hex, 16 digits.

  Raises:
    UserError: the source cannot be opened.
  """
  digest = hashlib.sha256(sources.open_source(settings).fingerprint().encode())
  for choice in (splits.hand_labeled, splits.labeled):
    if choice is not None and choice.startswith("@"):
      digest.update(annotations.AnnotationFile(choice[1:]).digest().encode())
  return digest.hexdigest()[:16]
