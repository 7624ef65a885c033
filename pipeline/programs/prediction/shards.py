"""Predictions of many photos as files of a folder, each of some of the photos.

A shard's file has a name that follows from its photos, the model and how it is
asked, and beside it lies a small JSON file of what it holds, which is written
last: a shard whose JSON is there is complete, and need not be made again.
`predictions.json` is there once all are.
"""

import hashlib
import itertools
import json
import os
import pathlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from components.shared.core import errors
from pipeline import run_folder
from pipeline.programs.prediction import output, prediction

Form = Literal["parquet", "tfrecord"]
SUFFIXES: dict[Form, str] = {"parquet": ".parquet", "tfrecord": ".tfrecord.gz"}
SUMMARY = "predictions.json"

_NAME = re.compile(r"predictions-\d{5,}-of-\d{5,}-[0-9a-f]{16}\.(parquet|tfrecord\.gz|json)")
_BATCH = 1024
_NUMBERS = ("face", "faces", "faces_found")


class Shard(NamedTuple):
  """Some of the photos.

  Attributes:
    name: of its file, without what says the form.
    photos: names of files.
  """

  name: str
  photos: tuple[str, ...]


def plan(photos: Sequence[pathlib.Path], per_shard: int, question: str) -> list[Shard]:
  """Divides photos among shards, in their order.

  Args:
    photos: their files; size and time of each are part of its shard's name.
    per_shard: how many of them, but for the last one.
    question: what the model is and how it is asked.
  """
  parts = [photos[start : start + per_shard] for start in range(0, len(photos), per_shard)]
  return [
    Shard(
      f"predictions-{number:05d}-of-{len(parts):05d}-{_key(part, question)}",
      tuple(map(os.fspath, part)),
    )
    for number, part in enumerate(parts)
  ]


def _key(photos: Iterable[pathlib.Path], question: str) -> str:
  found = hashlib.sha256(question.encode())
  for photo in photos:
    try:
      status = photo.stat()
      seen = f"{status.st_size} {status.st_mtime_ns}"
    except OSError:  # Its row says why.
      seen = "none"
    found.update(os.fsencode(photo) + f"\0{seen}\0".encode())
  return found.hexdigest()[:16]


def counts(folder: pathlib.Path, shard: Shard) -> dict[str, Any] | None:
  """What a shard's file holds; None where it is not complete."""
  try:
    return json.loads((folder / f"{shard.name}.json").read_text(encoding="utf-8"))
  except (FileNotFoundError, ValueError):
    return None


def write(
  folder: pathlib.Path,
  shard: Shard,
  form: Form,
  predictions: Iterable[prediction.Prediction],
  attributes: Sequence[str],
) -> None:
  """Writes a shard, whole or not at all.

  Raises:
    UserError: it can't be written.
  """
  path = folder / f"{shard.name}{SUFFIXES[form]}"
  # Two workers may be at the same shard, where an engine tries twice.
  unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
  summary = output.Summary()
  try:
    _WRITERS[form](unfinished, _seen(predictions, summary), attributes)
    os.replace(unfinished, path)
    run_folder.write_text(folder / f"{shard.name}.json", json.dumps(summary.counts()) + "\n")
  except OSError as error:
    raise errors.UserError(f"{path}: can't be written ({error.strerror})") from None
  finally:
    unfinished.unlink(missing_ok=True)


def finish(
  folder: pathlib.Path, shards: Sequence[Shard], form: Form, about: dict[str, Any]
) -> output.Summary:
  """Removes shards of other calls, and writes `predictions.json`.

  Args:
    folder: of the shards.
    shards: that have to be there.
    form: of their files.
    about: what `predictions.json` says beside counts and files.

  Raises:
    RuntimeError: one of them is not there.
  """
  total = output.Summary()
  for shard in shards:
    found = counts(folder, shard)
    if found is None:
      raise RuntimeError(f"{folder / shard.name}: was not written")
    total.add_counts(found)
  keep = {f"{shard.name}{suffix}" for shard in shards for suffix in (SUFFIXES[form], ".json")}
  for path in folder.iterdir():
    if _NAME.fullmatch(path.name) and path.name not in keep:
      path.unlink()
  content = {
    **about,
    **total.counts(),
    "files": [f"{shard.name}{SUFFIXES[form]}" for shard in shards],
  }
  run_folder.write_text(folder / SUMMARY, json.dumps(content, indent=2) + "\n")
  return total


def check(folder: pathlib.Path) -> None:
  """Makes the folder, if it is not there.

  Raises:
    UserError: it holds something else, or can't be made.
  """
  try:
    folder.mkdir(parents=True, exist_ok=True)
    others = [
      path.name
      for path in folder.iterdir()
      if path.name != SUMMARY and not path.name.startswith(".") and not _NAME.fullmatch(path.name)
    ]
  except OSError as error:
    raise errors.UserError(f"{folder}: can't be made or read ({error.strerror})") from None
  if others:
    raise errors.UserError(
      f"{folder}: holds {errors.shown(others[0])}, which is no prediction; choose another --shards"
    )


def _seen(
  predictions: Iterable[prediction.Prediction], summary: output.Summary
) -> Iterator[prediction.Prediction]:
  for row in predictions:
    summary.add(row)
    yield row


def _write_parquet(
  path: pathlib.Path, predictions: Iterable[prediction.Prediction], attributes: Sequence[str]
) -> None:
  import pyarrow as pa
  from pyarrow import parquet

  schema = pa.schema(
    [
      ("photo", pa.string()),
      *((name, pa.int32()) for name in _NUMBERS),
      *((name, pa.float32()) for name in (*output.BOX, "score")),
      *(
        column
        for name in attributes
        for column in (
          (f"label_{name}", pa.int8()),
          (f"probability_{name}", pa.float32()),
          (f"uncertain_{name}", pa.bool_()),
        )
      ),
      ("reason", pa.string()),
    ]
  )
  records = (as_record(row, attributes) for row in predictions)
  with parquet.ParquetWriter(path, schema) as writer:
    while rows := list(itertools.islice(records, _BATCH)):
      writer.write_table(pa.Table.from_pylist(rows, schema))


def _write_tfrecord(
  path: pathlib.Path, predictions: Iterable[prediction.Prediction], attributes: Sequence[str]
) -> None:
  import tensorflow as tf  # Takes seconds.

  from components.shared.data import examples

  with tf.io.TFRecordWriter(os.fspath(path), tf.io.TFRecordOptions("GZIP")) as writer:
    for row in predictions:
      record = as_record(row, attributes)
      writer.write(examples.encode({name: _feature(value) for name, value in record.items()}))


def _feature(value: Any) -> Any:
  """What a tf.Example takes: neither text nor truth."""
  if isinstance(value, str):
    return value.encode()
  return int(value) if isinstance(value, bool) else value


_WRITERS = {"parquet": _write_parquet, "tfrecord": _write_tfrecord}


def as_record(row: prediction.Prediction, attributes: Sequence[str]) -> dict[str, Any]:
  """A prediction as a row of a table, None where there is nothing to say."""
  known = row.reason is None
  record: dict[str, Any] = {
    "photo": row.photo,
    "face": row.number if known else None,
    "faces": row.count if known else None,
    "faces_found": row.found if known else None,
    **dict(zip(output.BOX, row.box or [None] * len(output.BOX), strict=True)),
    "score": row.score,
    "reason": row.reason,
  }
  for name in attributes:
    record[f"label_{name}"] = row.labels[name] if known else None
    record[f"probability_{name}"] = row.probabilities[name] if known else None
    record[f"uncertain_{name}"] = name in row.uncertain if known else None
  return record
