"""Writes records as a split of an Examples artifact, in their order.

Beam's local runner keeps in memory what it groups. So records go to files of
their own first, and what is grouped is where they are.
"""

import os
import struct
import uuid
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import apache_beam as beam
import tensorflow as tf

from components.shared.data import examples

Pair = tuple[str, bytes]
_HELD_BYTES = 16 << 20
"""Of records that a worker holds before they go to a file."""
_LENGTHS = struct.Struct("<II")


class Run(NamedTuple):
  """Records of one shard, one after the other in a file.

  Attributes:
    path: of the file.
    start, end: bytes.
  """

  path: str
  start: int
  end: int


class WriteSplit(beam.PTransform):
  """Writes (image_id, serialized tf.Example) pairs as one split.

  A record's file follows from its image_id alone and records are in the order
  of their image_ids within a file, so the files are the same byte for byte
  whatever the number of workers. A worker holds one file's records, or 16 MB.

  Args:
    artifact_uri: the Examples artifact.
    split: the split's name.
    shards: number of files.
    held_bytes: of records, before they go to a file beside the split's.
  """

  def __init__(self, artifact_uri: str, split: str, shards: int, held_bytes: int = _HELD_BYTES):
    super().__init__()
    self._artifact_uri = artifact_uri
    self._split = split
    self._shards = shards
    self._held_bytes = held_bytes

  def expand(self, pairs):
    folder = f"{examples.split_folder(self._artifact_uri, self._split)}-runs"
    written = (
      pairs
      | "Sort" >> beam.ParDo(_Sort(folder, self._shards, self._held_bytes))
      | "GroupByShard" >> beam.GroupByKey()
      | "WriteShard" >> beam.Map(_write_shard, self._artifact_uri, self._split, self._shards)
    )
    _ = (
      written
      | "Together" >> beam.combiners.Count.Globally()
      | "CleanUp" >> beam.Map(_remove, folder)
    )
    return written


class _Sort(beam.DoFn):
  """Pairs -> (shard, Run), of files that hold some shards' pairs each."""

  def __init__(self, folder: str, shards: int, held_bytes: int):
    super().__init__()
    self._folder = folder
    self._shards = shards
    self._held_bytes = held_bytes
    self._pairs: dict[int, list[Pair]] = {}
    self._bytes = 0

  def start_bundle(self) -> None:
    self._pairs, self._bytes = {}, 0

  def process(self, pair: Pair) -> Iterator[tuple[int, Run]]:
    shard = examples.shard_of(pair[0], self._shards)
    self._pairs.setdefault(shard, []).append(pair)
    self._bytes += len(pair[1])
    if self._bytes >= self._held_bytes:
      yield from self._write()

  def finish_bundle(self):
    for keyed in self._write():
      yield beam.transforms.window.GlobalWindows.windowed_value(keyed)

  def _write(self) -> list[tuple[int, Run]]:
    if not self._pairs:
      return []
    tf.io.gfile.makedirs(self._folder)
    path = os.path.join(self._folder, uuid.uuid4().hex)
    runs, start = [], 0
    with tf.io.gfile.GFile(path, "wb") as file:
      for shard, pairs in self._pairs.items():
        content = b"".join(map(_packed, pairs))
        file.write(content)
        runs.append((shard, Run(path, start, start + len(content))))
        start += len(content)
    self.start_bundle()
    return runs


def _packed(pair: Pair) -> bytes:
  key = pair[0].encode()
  return _LENGTHS.pack(len(key), len(pair[1])) + key + pair[1]


def _read(run: Run) -> Iterator[Pair]:
  with tf.io.gfile.GFile(run.path, "rb") as file:
    file.seek(run.start)
    content = file.read(run.end - run.start)
  at = 0
  while at < len(content):
    key, value = _LENGTHS.unpack_from(content, at)
    at += _LENGTHS.size
    yield content[at : at + key].decode(), content[at + key : at + key + value]
    at += key + value


def _write_shard(
  keyed: tuple[int, Iterable[Run]], artifact_uri: str, split: str, shards: int
) -> str:
  shard, runs = keyed
  path = examples.shard_path(artifact_uri, split, shard, shards)
  pairs = [pair for run in runs for pair in _read(Run(*run))]
  with examples.open_shard(path) as writer:
    for _, serialized in sorted(pairs):
      writer.write(serialized)
  return path


def _remove(count: int, folder: str) -> None:
  del count  # All of them are there.
  if tf.io.gfile.exists(folder):
    tf.io.gfile.rmtree(folder)
