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

_MOST_LIST = 100 << 20
"""Bytes of a list of file names."""
_HASH_BYTES = 16
_NAMED = 3
"""Photos that an error names."""
_Values = tuple[int | None, ...]
_Labels = dict[str, _Values]


class Assigned(NamedTuple):
  """A photo's place.

  Attributes:
    image_id: the photo's file name.
    split: one of `REAL_SPLITS`, or None if the photo is reserved for evaluation
      and can't be judged, for it lacks an annotation to learn.
    labels: 1 / 0 for each attribute, known to learn from or to evaluate on;
      None for all of them otherwise.
    held_out_labels: 1 / 0 for each attribute, annotations that exist and may
      only be reported; None otherwise.
  """

  image_id: str
  split: str | None
  labels: _Values
  held_out_labels: _Values


def reserve(
  image_ids: Collection[str], settings: settings_lib.ReservationSettings
) -> frozenset[str]:
  """The photos that are for evaluation alone, whatever is known about them.

  Whether a photo is one of them follows from its name and the settings, so
  photos and labels that come later move none.

  Args:
    image_ids: all photos.
    settings: which of them.

  Raises:
    UserError: a range or a list can't be read, or names photos that don't exist.
  """
  named = _named(settings.hand_labeled, "splits.hand_labeled", image_ids)
  if named is None:
    to_learn = _named(settings.labeled, "splits.labeled", image_ids) or set()
    below = int(settings.hand_labeled_share * 2 ** (8 * _HASH_BYTES))
    named = {
      image_id
      for image_id in image_ids
      if image_id not in to_learn
      and int.from_bytes(_place(image_id, settings.seed, "hand_labeled"), "big") < below
    }
  return frozenset(named)


def assign(
  rows: Iterable[source.Row],
  reserved: Collection[str],
  attributes: Sequence[str],
  settings: settings_lib.SplitSettings,
  *,
  all_there: bool = True,
) -> list[Assigned]:
  """Says what each photo is for, by what is known about it.

  A photo is labelled if it has every annotation to learn. A reserved one that
  is not has no place: nothing learns from it, and it can't be judged. Others
  that are not join `unlabeled`.

  Args:
    rows: all photos.
    reserved: those of `reserve`.
    attributes: the annotations to learn, keys of every row's annotations.
    settings: which labels to learn from.
    all_there: whether a photo that `settings` names and that is not among the
      rows is an error; it may have been set aside.

  Returns:
    One element for each row, in the same order. The same file name gets the
    same place whatever the order of the rows.

  Raises:
    UserError: ranges overlap or name photos that do not exist, or a split
      would lack photos.
  """
  labels: _Labels = {
    image_id: tuple(annotations[name] for name in attributes) for image_id, annotations in rows
  }
  known = {image_id for image_id, values in labels.items() if None not in values}
  named = _named(settings.labeled, "splits.labeled", labels, all_there)
  overlap = sorted(named & set(reserved)) if named else []
  if overlap:
    raise errors.UserError(
      f"splits.hand_labeled and splits.labeled overlap, in `{overlap[0]}` "
      f"and {len(overlap) - 1} more; no photo may be in both"
    )
  to_learn = known - set(reserved) if named is None else known & named
  labeled = set(draw_labeled(to_learn, labels, settings))
  none = (None,) * len(attributes)
  assigned = []
  for image_id, values in labels.items():
    if image_id in reserved:
      split = feature_names.HAND_LABELED if image_id in known else None
      assigned.append(Assigned(image_id, split, values if split else none, none))
    elif image_id in labeled:
      assigned.append(Assigned(image_id, feature_names.LABELED, values, none))
    else:
      assigned.append(Assigned(image_id, feature_names.UNLABELED, none, values))
  _check_sizes(assigned, attributes)
  return assigned


def _named(
  choice: str | None, setting: str, image_ids: Collection[str], all_there: bool = True
) -> set[str] | None:
  """The photos that a range or `@FILE` names; None where it is to be drawn."""
  if choice is None:
    return None
  if choice.startswith("@"):
    path = pathlib.Path(choice[1:]).expanduser()
    return _listed(path, setting, image_ids, all_there)
  inside = _range(choice, setting)
  return {image_id for image_id in image_ids if inside(image_id)}


def _listed(
  path: pathlib.Path, setting: str, image_ids: Collection[str], all_there: bool
) -> set[str]:
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
    if image_id is None and not all_there:
      continue
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
  classes: dict[Any, list[str]] = {}
  for image_id in sorted(known, key=lambda image_id: _place(image_id, seed, purpose)):
    classes.setdefault(labels[image_id], []).append(image_id)
  return [classes[key] for key in sorted(classes, key=lambda key: (len(classes[key]), key))]


def _place(image_id: str, seed: int, purpose: str) -> bytes:
  """A photo's place in an order that is as good as random."""
  text = f"{seed}\0{purpose}\0{image_id}"
  return hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).digest()


def _check_sizes(assigned: Sequence[Assigned], attributes: Sequence[str]) -> None:
  waiting = [photo.image_id for photo in assigned if photo.split is None]
  some = ", ".join(errors.shown(image_id) for image_id in waiting[:_NAMED])
  hints = {
    feature_names.HAND_LABELED: (
      f"label some of the {len(waiting)} more photos that are reserved for evaluation "
      f"({some}, ...), or change splits.hand_labeled"
      if waiting
      else "label more photos or change splits.hand_labeled"
    ),
    feature_names.LABELED: "label more photos or change splits.labeled",
  }
  for place, attribute in enumerate(attributes):
    counts = collections.Counter((photo.split, photo.labels[place]) for photo in assigned)
    for split, hint in hints.items():
      for value in (0, 1):
        count = counts[split, value]
        if count < MIN_PER_CLASS:
          raise errors.UserError(
            f"split `{split}` has {count} photo(s) with {attribute} = "
            f"{value} and needs {MIN_PER_CLASS}; {hint}"
          )
  if not any(photo.split == feature_names.UNLABELED for photo in assigned):
    raise errors.UserError(
      f"no photo is left for split `{feature_names.UNLABELED}`; add photos "
      "or lower splits.max_labeled"
    )
