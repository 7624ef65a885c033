"""Everything about photos and labels that is known before a photo is opened."""

import dataclasses
import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from components.shared.core import errors
from components.shared.data import annotations, feature_names, reading, source, sources
from components.shared.data import settings as settings_lib
from components.shared.data import splits as splits_lib


class Placed(NamedTuple):
  """A photo, and which of `PHOTO_SPLITS` it belongs to."""

  image_id: str
  split: str


@dataclasses.dataclass(frozen=True)
class PhotoPlan:
  """Photos and each one's place.

  Attributes:
    source: where to read the photos.
    placed: one element for each.
  """

  source: source.Source
  placed: list[Placed]


@dataclasses.dataclass(frozen=True)
class Plan:
  """A checked source.

  Attributes:
    source: of the photos and their annotations.
    others: names of the annotations besides those to learn.
    assigned: what each photo is for.
    photos_fingerprint: hex, 16 digits; changes with any photo, and with which
      of them are reserved.
    labels_fingerprint: changes with the annotations, and with a file that
      names those to learn from.
    told: lines for people: what was read and what was left out.
  """

  source: source.Source
  others: tuple[str, ...]
  assigned: list[splits_lib.Assigned]
  photos_fingerprint: str
  labels_fingerprint: str
  told: tuple[str, ...] = ()


def photos(
  settings: settings_lib.PhotoSettings, reservation: settings_lib.ReservationSettings
) -> PhotoPlan:
  """Lists the photos and reserves some.

  Raises:
    UserError: there are none, or those to reserve can't be told.
  """
  opened = sources.open_photos(settings.path)
  image_ids = opened.image_ids()
  reserved = splits_lib.reserve(frozenset(image_ids), reservation)
  return PhotoPlan(
    opened,
    [
      Placed(image_id, feature_names.RESERVED if image_id in reserved else feature_names.TRAINING)
      for image_id in image_ids
    ],
  )


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
  rows = [
    source.Row(row.image_id, {name: row.annotations[name] for name in kept})
    for row in opened.rows(table)
  ]
  reserved = splits_lib.reserve(frozenset(row.image_id for row in rows), splits.reservation)
  try:
    assigned = splits_lib.assign(rows, reserved, settings.attributes, splits)
  except errors.UserError as error:
    read = "; ".join(reading.source_lines(opened, table))
    raise errors.UserError(f"{error} (read: {read})") from None
  return Plan(
    opened,
    others,
    assigned,
    _digest([opened.fingerprint(), *sorted(reserved)]),
    _digest([opened.labels.digest(), *_listed(splits.labeled)]),
    reading.told(opened, table, assigned),
  )


def _listed(choice: str | None) -> Iterator[str]:
  """What changes with the file that a setting names."""
  if choice is not None and choice.startswith("@"):
    yield annotations.AnnotationFile(choice[1:]).digest()


def _digest(lines: list[str]) -> str:
  return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
