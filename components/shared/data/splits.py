"""Decides, by file name alone, which photo belongs to which split."""

import collections
import hashlib
import itertools
import pathlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from components.shared.core import errors, regular_file
from components.shared.data import feature_names, photo_names, source
from components.shared.data import settings as settings_lib

MIN_PER_CLASS = 2
"""Labelled photos of each class that a split needs: one more than a mean."""

SET_ASIDE = "set aside: "
"""How reasons begin of photos that could be read and may not be used."""

_MOST_LIST = 100 << 20
"""Bytes of a list of file names."""
_Values = tuple[int | None, ...]
_Labels = dict[str, _Values]


class Assigned(NamedTuple):
  """A photo's place.

  Attributes:
    image_id: the photo's file name.
    split: the split's name, or None if the photo is set aside.
    reason: why it is set aside, or None.
    labels: 1 / 0 for each attribute, known to learn from or to evaluate on;
      None for all of them otherwise.
    held_out_labels: 1 / 0 for each attribute, annotations that exist and may
      only be reported; None otherwise.
    others: all further annotations in the source's order, 1 / 0 / None.
  """

  image_id: str
  split: str | None
  reason: str | None
  labels: _Values
  held_out_labels: _Values
  others: _Values


def assign_splits(
  rows: Iterable[source.Row], attributes: Sequence[str], settings: settings_lib.SplitSettings
) -> list[Assigned]:
  """Divides photos as `SplitSettings` describes.

  A photo is labelled if it has every annotation to learn. One that has not
  cannot be evaluated on: inside the range of `hand_labeled` it is set aside,
  for nothing else may see that range either. Inside the range of `labeled` it
  joins `unlabeled`.

  Args:
    rows: all photos.
    attributes: the annotations to learn, keys of every row's annotations.
    settings: how to divide.

  Returns:
    One element for each row, in the same order. The same file name gets the
    same place whatever the order of the rows.

  Raises:
    UserError: the ranges overlap or name photos that do not exist, or a split
      would lack photos.
  """
  labels: _Labels = {}
  others: dict[str, _Values] = {}
  for image_id, annotations in rows:
    labels[image_id] = tuple(annotations[name] for name in attributes)
    others[image_id] = tuple(value for name, value in annotations.items() if name not in attributes)
  hand_labeled, labeled = _choose(labels, settings)
  assigned = [
    _place(image_id, hand_labeled, labeled, values, attributes, others[image_id])
    for image_id, values in labels.items()
  ]
  _check_sizes(assigned, attributes)
  return assigned


def check_disjoint(assigned: Iterable[Assigned]) -> None:
  """Raises ValueError if a file has more than one place."""
  counts = collections.Counter(photo.image_id for photo in assigned)
  twice = [image_id for image_id, count in counts.items() if count > 1]
  if twice:
    raise ValueError(f"{twice[0]} is in more than one split")


def _choose(labels: _Labels, settings: settings_lib.SplitSettings) -> tuple[set[str], set[str]]:
  """The photos reserved for `hand_labeled`, and those that keep a label."""
  known = {image_id for image_id, values in labels.items() if None not in values}
  labeled = _named(settings.labeled, "splits.labeled", labels)
  if settings.hand_labeled is None:
    hand_labeled = set(_draw_share(known - (labeled or set()), labels, settings))
  else:
    hand_labeled = _named(settings.hand_labeled, "splits.hand_labeled", labels)
  if labeled is None:
    labeled = known - hand_labeled
  overlap = sorted(hand_labeled & labeled)
  if overlap:
    raise errors.UserError(
      f"splits.hand_labeled and splits.labeled overlap, in `{overlap[0]}` "
      f"and {len(overlap) - 1} more; no photo may be in both"
    )
  return hand_labeled, set(draw_labeled(labeled & known, labels, settings))


def _place(
  image_id: str,
  hand_labeled: Collection[str],
  labeled: Collection[str],
  labels: _Values,
  attributes: Sequence[str],
  others: _Values,
) -> Assigned:
  none = (None,) * len(labels)
  if image_id in hand_labeled:
    if None in labels:
      missing = attributes[labels.index(None)]
      return Assigned(
        image_id,
        None,
        f"{SET_ASIDE}in the range of "
        f"{feature_names.HAND_LABELED} and without a {missing} annotation",
        none,
        none,
        others,
      )
    return Assigned(image_id, feature_names.HAND_LABELED, None, labels, none, others)
  if image_id in labeled:
    return Assigned(image_id, feature_names.LABELED, None, labels, none, others)
  return Assigned(image_id, feature_names.UNLABELED, None, none, labels, others)


def _named(choice: str | None, setting: str, image_ids: Collection[str]) -> set[str] | None:
  """The photos that a range or `@FILE` names; None where it is to be drawn."""
  if choice is None:
    return None
  if choice.startswith("@"):
    return _listed(pathlib.Path(choice[1:]).expanduser(), setting, image_ids)
  inside = _range(choice, setting)
  return {image_id for image_id in image_ids if inside(image_id)}


def _listed(path: pathlib.Path, setting: str, image_ids: Collection[str]) -> set[str]:
  try:
    lines = regular_file.read(path, _MOST_LIST).decode("utf-8-sig").splitlines()
  except (OSError, ValueError) as error:
    raise errors.UserError(
      f"{setting}: {errors.shown(str(path))} cannot be read as text: {error}"
    ) from error
  listed = set()
  names = photo_names.PhotoNames(image_ids)
  for number, line in enumerate(lines, start=1):
    written = line.strip()
    if not written:
      continue
    try:
      image_id = names.find(written)
    except photo_names.Ambiguous as error:
      raise errors.UserError(f"{path}, line {number}: {error}") from None
    if image_id is None:
      raise errors.UserError(
        f"{path}, line {number}: there is no photo `{errors.shown(written)}`"
        f"{names.did_you_mean(written)}; remove the line or write the file's name as it is, with "
        "its ending"
      )
    listed.add(image_id)
  return listed


def _range(text: str, setting: str) -> Callable[[str], bool]:
  """A test for names in `first-last`, split at its middle hyphen."""
  parts = text.split("-")
  middle = len(parts) // 2
  first = _order(photo_names.stem("-".join(parts[:middle]).strip()))
  last = _order(photo_names.stem("-".join(parts[middle:]).strip()))
  if len(parts) % 2 or not first[-1] or not last[-1] or first > last:
    raise errors.UserError(
      f"{setting}: `{errors.shown(text)}` is no range; write first-last "
      "(000001-000100), @FILE, or leave it out to have it drawn"
    )
  return lambda image_id: first <= _order(photo_names.stem(image_id)) <= last


def _order(stem: str) -> tuple[int, int, str]:
  """Numbers come first and in the order of their values."""
  if not (stem.isascii() and stem.isdigit()):
    return 1, 0, stem
  digits = stem.lstrip("0") or "0"  # int() takes no more than 4,300.
  return 0, len(digits), digits


def _draw_share(
  known: Collection[str], labels: _Labels, settings: settings_lib.SplitSettings
) -> Iterable[str]:
  """The same share of each class, as nearly as whole photos allow."""
  seen = taken = 0
  for photos in _by_class(known, labels, settings.seed, "hand_labeled"):
    seen += len(photos)
    count = round(settings.hand_labeled_share * seen) - taken
    taken += count
    yield from photos[:count]


def draw_labeled(
  known: Collection[str], labels: Mapping[str, Any], settings: settings_lib.SplitSettings
) -> Iterable[str]:
  """At most `max_labeled` photos, as equal by class as they allow.

  Args:
    known: image_ids of photos with a label.
    labels: their classes by image_id: a label, or a tuple of several.
    settings: `max_labeled`, and the seed of the draw.
  """
  if settings.max_labeled is None or len(known) <= settings.max_labeled:
    return known
  in_turn = itertools.zip_longest(*_by_class(known, labels, settings.seed, "labeled"))
  drawn = (i for turn in in_turn for i in turn if i is not None)
  return list(itertools.islice(drawn, settings.max_labeled))


def _by_class(
  known: Collection[str], labels: Mapping[str, Any], seed: int, purpose: str
) -> Sequence[list[str]]:
  """The photos of each class, smaller classes first, in the hash's order."""

  def place(image_id: str) -> bytes:
    return hashlib.blake2b(f"{seed}\0{purpose}\0{image_id}".encode(), digest_size=16).digest()

  classes: dict[Any, list[str]] = {}
  for image_id in sorted(known, key=place):
    classes.setdefault(labels[image_id], []).append(image_id)
  return [classes[key] for key in sorted(classes, key=lambda key: (len(classes[key]), key))]


def _check_sizes(assigned: Sequence[Assigned], attributes: Sequence[str]) -> None:
  for place, attribute in enumerate(attributes):
    counts = collections.Counter((photo.split, photo.labels[place]) for photo in assigned)
    for split in (feature_names.HAND_LABELED, feature_names.LABELED):
      for value in (0, 1):
        count = counts[split, value]
        if count < MIN_PER_CLASS:
          raise errors.UserError(
            f"split `{split}` has {count} photo(s) with {attribute} = "
            f"{value} and needs {MIN_PER_CLASS}; label more photos or "
            f"change splits.{split}"
          )
  if not any(photo.split == feature_names.UNLABELED for photo in assigned):
    raise errors.UserError(
      f"no photo is left for split `{feature_names.UNLABELED}`; add photos "
      "or lower splits.max_labeled"
    )
