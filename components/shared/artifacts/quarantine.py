"""The photos that were set aside: a list, the originals, and the limit."""

import collections
import csv
import io
import os
import re
from collections.abc import Iterable, Mapping

import apache_beam as beam
import tensorflow as tf
from absl import logging

from components.shared.core import errors, progress
from components.shared.data import copies, examples, photos
from components.shared.data import plan as plan_lib

FILE_NAME = "quarantine.csv"
PHOTO_FOLDER = "photos"
MAX_PHOTOS = 50
"""Rejected originals that are kept for people to look at."""

_HEADER = ("image_id", "reason")


class WriteList(beam.PTransform):
  """Writes (image_id, reason) pairs, sorted, as `quarantine.csv`."""

  def __init__(self, folder: str):
    super().__init__()
    self._folder = folder

  def expand(self, pairs):
    everything = (
      pairs.pipeline
      | "Once" >> beam.Create([None])
      | "List" >> beam.Map(lambda _, rejected: sorted(rejected), beam.pvalue.AsList(pairs))
    )
    return everything | "WriteList" >> beam.Map(_write, self._folder)


def read(folder: str) -> dict[str, str]:
  """Reasons by image_id, sorted by image_id."""
  with tf.io.gfile.GFile(os.path.join(folder, FILE_NAME)) as stream:
    rows = csv.reader(io.StringIO(stream.read(), newline=""))
    next(rows)
    return {image_id: reason for image_id, reason in rows}


def kept_photos(folder: str) -> dict[str, str]:
  """Paths of the originals that were kept, by image_id; without those whose
  names are alike but for characters that file names may not have."""
  paths = tf.io.gfile.glob(os.path.join(folder, PHOTO_FOLDER, "*"))
  kept = {os.path.basename(path).partition("-")[2]: path for path in paths}
  names = collections.Counter(_safe(image_id) for image_id in read(folder))
  return {
    image_id: kept[name]
    for image_id in read(folder)
    if (name := _safe(image_id)) in kept and names[name] == 1
  }


def keep_photos(folder: str, plan: plan_lib.PhotoPlan) -> None:
  """Copies the first unreadable originals, byte for byte, under safe names."""
  for number, image_id in enumerate(_unreadable(read(folder))[:MAX_PHOTOS]):
    try:
      data = plan.source.read(image_id)
    except photos.PhotoError:
      continue  # It is listed with that reason; there are no bytes to keep.
    path = os.path.join(folder, PHOTO_FOLDER, _safe_name(number, image_id))
    tf.io.gfile.makedirs(os.path.dirname(path))
    with tf.io.gfile.GFile(path, "wb") as stream:
      stream.write(data)


def check(folder: str, plan: plan_lib.PhotoPlan, max_share: float) -> None:
  """Logs how many photos each split got.

  Raises:
    UserError: a larger share of the photos than `max_share` is unreadable, or
      a split has no photo that can be used. The list is then also beside the
      folder.
  """
  reasons = read(folder)
  unreadable = _unreadable(reasons)
  total = len(plan.placed)
  if len(unreadable) > max_share * total:
    raise errors.UserError(
      f"{len(unreadable)} of {total} photos are unreadable, more than "
      f"{max_share:.0%}; the first is {unreadable[0]} "
      f"({reasons[unreadable[0]]}), all are listed in "
      f"{_list_that_stays(folder)}; repair or remove them, or raise "
      "source.max_quarantine_share"
    )
  for split in examples.PHOTO_SPLITS:
    count = sum(photo.split == split and photo.image_id not in reasons for photo in plan.placed)
    if not count:
      raise errors.UserError(
        f"no photo of split `{split}` can be used; see {_list_that_stays(folder)}"
      )
    logging.info("Split %s: %d photos", split, count)
  copied = [image_id for image_id, reason in reasons.items() if copies.says(reason)]
  for names, what in (
    (copied, "are the same files as evaluation photos and were set aside"),
    (unreadable, "can't be read and were set aside"),
  ):
    if names:
      progress.note(
        f"{len(names)} photos {what}; the first is {errors.shown(names[0])} ({reasons[names[0]]})"
      )
  for why, count in collections.Counter(reasons[name] for name in unreadable).most_common(5):
    progress.note(f"  {count}: {why}")
  logging.info("Set aside: %d photos; see %s", len(reasons), os.path.join(folder, FILE_NAME))


def _list_that_stays(folder: str) -> str:
  """Copies the list; TFX removes the folders of a component that failed."""
  kept = f"{folder.rstrip('/')}-{FILE_NAME}"
  tf.io.gfile.copy(os.path.join(folder, FILE_NAME), kept, overwrite=True)
  return kept


def _unreadable(reasons: Mapping[str, str]) -> list[str]:
  return [image_id for image_id, reason in reasons.items() if not copies.says(reason)]


def _write(rows: Iterable[tuple[str, str]], folder: str) -> None:
  text = io.StringIO(newline="")
  writer = csv.writer(text, lineterminator="\n")
  # Before Python 3.13 a CR is quoted only by who ends lines with it.
  quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
  writer.writerow(_HEADER)
  for row in rows:
    (quoting if "\r" in "".join(row) else writer).writerow(row)
  tf.io.gfile.makedirs(folder)
  with tf.io.gfile.GFile(os.path.join(folder, FILE_NAME), "w") as stream:
    stream.write(text.getvalue())


def _safe_name(number: int, image_id: str) -> str:
  return f"{number:02d}-{_safe(image_id)}"


def _safe(image_id: str) -> str:
  return re.sub(r"[^A-Za-z0-9._-]", "_", image_id)[-80:]
