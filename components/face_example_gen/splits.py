"""Decides, by file name alone, which photo belongs to which split."""

import collections
import hashlib
import pathlib
from typing import (Callable, Collection, Dict, Iterable, List, NamedTuple,
                    Optional, Sequence, Set, Tuple)

from components import errors
from components import examples
from components.face_example_gen import settings as settings_lib
from components.face_example_gen import source

MIN_PER_CLASS = 2
"""Labelled photos of each class that a split needs: one more than a mean."""

_Labels = Dict[str, Optional[int]]


class Assigned(NamedTuple):
  """A photo's place.

  Attributes:
    image_id: the photo's file name.
    split: the split's name, or None if the photo is set aside.
    reason: why it is set aside, or None.
    label: 1 / 0, known to learn from or to evaluate on; None otherwise.
    held_out_label: 1 / 0, an annotation that exists and may only be reported.
    others: all further annotations in the source's order, 1 / 0 / None.
  """
  image_id: str
  split: Optional[str]
  reason: Optional[str]
  label: Optional[int]
  held_out_label: Optional[int]
  others: Tuple[Optional[int], ...]


def assign_splits(rows: Iterable[source.Row], attribute: str,
                  settings: settings_lib.SplitSettings) -> List[Assigned]:
  """Divides photos as `SplitSettings` describes.

  A photo without the annotation cannot be evaluated on: inside the range of
  `hand_labeled` it is set aside, for nothing else may see that range either.
  Inside the range of `labeled` it joins `unlabeled`.

  Args:
    rows: all photos.
    attribute: the annotation to learn, a key of every row's annotations.
    settings: how to divide.

  Returns:
    One element for each row, in the same order. The same file name gets the
    same place whatever the order of the rows.

  Raises:
    UserError: the ranges overlap or name photos that do not exist, or a split
      would lack photos.
  """
  labels: _Labels = {}
  others: Dict[str, Tuple[Optional[int], ...]] = {}
  for image_id, annotations in rows:
    labels[image_id] = annotations[attribute]
    others[image_id] = tuple(
        value for name, value in annotations.items() if name != attribute)
  hand_labeled, labeled = _choose(labels, settings)
  assigned = [
      _place(image_id, hand_labeled, labeled, label, attribute,
             others[image_id])
      for image_id, label in labels.items()]
  _check_sizes(assigned, attribute)
  return assigned


def check_disjoint(assigned: Iterable[Assigned]) -> None:
  """Raises ValueError if a file has more than one place."""
  counts = collections.Counter(photo.image_id for photo in assigned)
  twice = [image_id for image_id, count in counts.items() if count > 1]
  if twice:
    raise ValueError(f"{twice[0]} is in more than one split")


def _choose(labels: _Labels, settings: settings_lib.SplitSettings
            ) -> Tuple[Set[str], Set[str]]:
  """The photos reserved for `hand_labeled`, and those that keep a label."""
  known = {image_id for image_id, label in labels.items() if label is not None}
  labeled = _named(settings.labeled, "splits.labeled", labels)
  if settings.hand_labeled is None:
    hand_labeled = set(_draw_share(
        known - (labeled or set()), labels, settings))
  else:
    hand_labeled = _named(settings.hand_labeled, "splits.hand_labeled", labels)
  if labeled is None:
    labeled = known - hand_labeled
  overlap = sorted(hand_labeled & labeled)
  if overlap:
    raise errors.UserError(
        f"splits.hand_labeled and splits.labeled overlap, in `{overlap[0]}` "
        f"and {len(overlap) - 1} more; no photo may be in both")
  return hand_labeled, set(draw_labeled(labeled & known, labels, settings))


def _place(image_id: str, hand_labeled: Collection[str],
           labeled: Collection[str], label: Optional[int], attribute: str,
           others: Tuple[Optional[int], ...]) -> Assigned:
  if image_id in hand_labeled:
    if label is None:
      return Assigned(
          image_id, None, f"set aside: in the range of {examples.HAND_LABELED}"
          f" and without a {attribute} annotation", None, None, others)
    return Assigned(
        image_id, examples.HAND_LABELED, None, label, None, others)
  if image_id in labeled:
    return Assigned(image_id, examples.LABELED, None, label, None, others)
  return Assigned(image_id, examples.UNLABELED, None, None, label, others)


def _named(choice: Optional[str], setting: str,
           image_ids: Collection[str]) -> Optional[Set[str]]:
  """The photos that a range or `@FILE` names; None where it is to be drawn."""
  if choice is None:
    return None
  if choice.startswith("@"):
    return _listed(pathlib.Path(choice[1:]).expanduser(), setting, image_ids)
  inside = _range(choice, setting)
  return {image_id for image_id in image_ids if inside(image_id)}


def _listed(path: pathlib.Path, setting: str,
            image_ids: Collection[str]) -> Set[str]:
  try:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
  except (OSError, UnicodeDecodeError) as error:
    raise errors.UserError(
        f"{setting}: {path} cannot be read as text: {error}") from error
  listed = set()
  for number, line in enumerate(lines, start=1):
    image_id = line.strip()
    if image_id and image_id not in image_ids:
      raise errors.UserError(
          f"{path}, line {number}: there is no photo `{image_id}`; remove the "
          "line or write the file's name as it is, with its ending")
    if image_id:
      listed.add(image_id)
  return listed


def _range(text: str, setting: str) -> Callable[[str], bool]:
  """A test for names in `first-last`, split at its middle hyphen."""
  parts = text.split("-")
  middle = len(parts) // 2
  first = _order(_stem("-".join(parts[:middle]).strip()))
  last = _order(_stem("-".join(parts[middle:]).strip()))
  if len(parts) % 2 or not first[-1] or not last[-1] or first > last:
    raise errors.UserError(
        f"{setting}: `{text}` is no range; write first-last (000001-000100), "
        "@FILE, or leave it out to have it drawn")
  return lambda image_id: first <= _order(_stem(image_id)) <= last


def _stem(image_id: str) -> str:
  for ending in source.PHOTO_ENDINGS:
    if image_id.lower().endswith(ending):
      return image_id[:-len(ending)]
  return image_id


def _order(stem: str) -> Tuple[int, int, str]:
  """Numbers come first and in the order of their values."""
  is_number = stem.isascii() and stem.isdigit()
  return (0, int(stem), stem.zfill(20)) if is_number else (1, 0, stem)


def _draw_share(known: Collection[str], labels: _Labels,
                settings: settings_lib.SplitSettings) -> Iterable[str]:
  """The same share of each class."""
  for photos in _by_class(known, labels, settings.seed, "hand_labeled"):
    yield from photos[:round(settings.hand_labeled_share * len(photos))]


def draw_labeled(known: Collection[str], labels: _Labels,
                 settings: settings_lib.SplitSettings) -> Iterable[str]:
  """At most `max_labeled` photos, as equal by class as they allow.

  Args:
    known: image_ids of photos with a label.
    labels: 1 or 0 by image_id.
    settings: `max_labeled`, and the seed of the draw.
  """
  if settings.max_labeled is None or len(known) <= settings.max_labeled:
    return known
  few, many = sorted(
      _by_class(known, labels, settings.seed, "labeled"), key=len)
  few = few[:settings.max_labeled // 2]
  return few + many[:settings.max_labeled - len(few)]


def _by_class(known: Collection[str], labels: _Labels, seed: int,
              purpose: str) -> Sequence[List[str]]:
  """The photos labelled 0 and those labelled 1, each in the hash's order."""
  def place(image_id: str) -> bytes:
    return hashlib.blake2b(
        f"{seed}\0{purpose}\0{image_id}".encode(), digest_size=16).digest()
  ordered = sorted(known, key=place)
  return [[i for i in ordered if labels[i] == value] for value in (0, 1)]


def _check_sizes(assigned: Iterable[Assigned], attribute: str) -> None:
  counts = collections.Counter(
      (photo.split, photo.label) for photo in assigned)
  for split in (examples.HAND_LABELED, examples.LABELED):
    for value in (0, 1):
      count = counts[split, value]
      if count < MIN_PER_CLASS:
        raise errors.UserError(
            f"split `{split}` has {count} photo(s) with {attribute} = {value} "
            f"and needs {MIN_PER_CLASS}; label more photos or change "
            f"splits.{split}")
  if not counts[examples.UNLABELED, None]:
    raise errors.UserError(
        f"no photo is left for split `{examples.UNLABELED}`; add photos or "
        "lower splits.max_labeled")
